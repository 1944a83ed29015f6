package shelf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"spinneret/mud"
	"spinneret/mud/cms"
)

// Pin is who signs a title: another one needs the owner's word.
type Pin struct {
	Subject []byte // its Name in DER
	CA      [32]byte
}

func (p *Pin) is(o *Pin) bool {
	return p != nil && o != nil && bytes.Equal(p.Subject, o.Subject) && p.CA == o.CA
}

// Copy is one file as it was received. Its signature was looked at over the exact octets; what is kept of these has no
// white space.
type Copy struct {
	Octets json.RawMessage `json:"-"` // kept by itself, see Name
	Digest string          // SHA-256 of the octets as received, in hex
	At     time.Time

	Signer     *Pin      // nil where it is not signed, or not well
	SignedBy   string    // the signer's name, to read
	SignedTill time.Time // when the first certificate of the chain ends
	Unsigned   string    // why it does not count as signed

	Doubts []string // why it waits, in words

	file        *mud.File
	diagnostics []mud.Diagnostic
}

// RefusedError is why octets are no file that could be used.
type RefusedError struct{ Diagnostic mud.Diagnostic }

// Error says what is wrong, and where.
func (e *RefusedError) Error() string { return "this file cannot be used: " + e.Diagnostic.String() }

// Examine reads a file and checks its signature; where that is no good the owner decides. signature gets what is at the
// place that the file names, where it names one; its error ends the look.
func Examine(octets []byte, signature func(place string) ([]byte, error), trust cms.Trust) (*Copy, error) {
	c, err := Read(octets)
	if err != nil {
		return nil, err
	}
	c.At = trust.Now
	if c.file.Signature == "" {
		c.Unsigned = "it is not signed: whoever gets into its server could write it"
		return c, nil
	}
	signed, err := signature(c.file.Signature)
	if err != nil {
		return nil, fmt.Errorf("get its signature: %w", err)
	}
	s, err := cms.Verify(octets, signed, trust)
	switch {
	case errors.Is(err, cms.ErrPostponed):
		return nil, err
	case err != nil:
		c.Unsigned = "its signature is no good: " + err.Error()
	default:
		c.Signer, c.SignedBy, c.SignedTill = &Pin{[]byte(s.Signer.Subject), s.Signer.CA}, s.Name, s.Expires
	}
	return c, nil
}

// Read reads a file whose signature nobody looks at: one of the owner's.
func Read(octets []byte) (*Copy, error) {
	f, diagnostics := mud.Parse(octets)
	if f == nil {
		i := slices.IndexFunc(diagnostics, func(d mud.Diagnostic) bool { return d.Severity == mud.Refusal })
		return nil, &RefusedError{diagnostics[i]}
	}
	var small bytes.Buffer
	if err := json.Compact(&small, octets); err != nil {
		return nil, fmt.Errorf("read MUD file: %w", err)
	}
	sum := sha256.Sum256(octets)
	return &Copy{Octets: bytes.Clone(small.Bytes()), Digest: hex.EncodeToString(sum[:]), file: f, diagnostics: diagnostics}, nil
}

// Name is what the octets are kept under.
func (c *Copy) Name() string { return "mud-" + c.Digest[:32] }

// File is what the copy says.
func (c *Copy) File() *mud.File { return c.file }

func (c *Copy) size() int {
	if c == nil {
		return 0
	}
	return len(c.Octets)
}
