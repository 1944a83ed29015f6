package store

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"spinneret/dots/wire"
)

// idForm is what an identifier of a home or a node may look like: it is part of subjects, keys and certificates.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidID reports whether a home or a node may be called so.
func ValidID(id string) bool { return idForm.MatchString(id) }

// Home is one enrolled home.
type Home struct {
	ID           string
	Fingerprints []string // SHA-256 of the certificates that it may show, the latest first
	PSK          []byte   // where it has a shared key instead; its identity is its ID
	Prefixes     []netip.Prefix
	Enrolled     time.Time
	Expires      time.Time // of the latest certificate; zero with a shared key
	Revoked      bool
}

// Admits reports whether a home may have a session for which it gave this proof: the SHA-256 of its certificate, or of
// its shared key.
func (h *Home) Admits(proof string) bool {
	return !h.Revoked && proof != "" && (proof == h.KeyProof() || slices.Contains(h.Fingerprints, proof))
}

// KeyProof is the proof that a shared key is; empty where there is none.
func (h *Home) KeyProof() string {
	if len(h.PSK) == 0 {
		return ""
	}
	sum := sha256.Sum256(h.PSK)
	return hex.EncodeToString(sum[:])
}

// Session is the latest session of a home.
type Session struct {
	Home      string
	Node      string    // which holds it, or held it last
	Began     time.Time // when that node did
	Number    uint64    // tells sessions of one node apart
	Peer      netip.AddrPort
	Transport string // dtls or tls
	Since     time.Time
	Up        bool // as its node said last: see Store.Standing
}

// State is how a request stands.
type State string

// The states of a request, as the contract names them.
const (
	Waiting   State = "waiting"   // for its home
	Sent      State = "sent"      // and not in force yet
	Active    State = "active"    // in force
	Refused   State = "refused"   // by the home, or its owner
	Withdrawn State = "withdrawn" // by us
	Expired   State = "expired"   // its time is over
)

// Over reports whether nothing more comes of it.
func (s State) Over() bool { return s == Refused || s == Withdrawn || s == Expired }

// Request is what a home is asked to stop.
type Request struct {
	ID       string
	Home     string
	MID      uint32
	Targets  []string // as written
	Sources  []string
	Scope    wire.Scope
	Lifetime time.Duration // as the home granted it; before, as asked for
	Created  time.Time
	Ends     time.Time
	State    State // as of the last word of it: see At
	Status   wire.Status
	Why      string // a sentence, where the state needs one
	Takeback bool   // withdrawn by us, and the home still to hear it
	Drops    wire.Drops
	By       string // who asked, as the API knows callers
}

// At is the state at a time: what nobody ended has an end all the same.
func (r *Request) At(now time.Time) State {
	if r.State.Over() || now.Before(r.Ends) {
		return r.State
	}
	if r.Takeback {
		return Withdrawn
	}
	return Expired
}

// WhyAt is the sentence that goes with the state at a time.
func (r *Request) WhyAt(now time.Time) string {
	switch state := r.At(now); {
	case r.State == Waiting && state == Expired:
		return "the home was away for as long as the request was good for"
	case r.Why != "":
	case r.Takeback && !state.Over():
		return "it is withdrawn, and its home still has to hear so"
	case state == Sent && r.Status == wire.InProgress:
		return "the home has it, and stops nothing yet: it looks for the device, or asks its owner"
	}
	return r.Why
}

// lease is a node's word that it is there, and since when.
type lease struct{ Since, Until time.Time }

// Operation is what a letter asks a session to do.
type Operation string

// The operations.
const (
	Put      Operation = "put"
	Delete   Operation = "delete"
	Redirect Operation = "redirect"
)

// Letter is one message in the mailbox of a home.
type Letter struct {
	Operation Operation
	Request   string            `json:",omitempty"` // its ID, with Put and Delete
	MID       uint32            `json:",omitempty"` // with Redirect
	Redirect  *wire.Redirection `json:",omitempty"`

	Seq uint64 `json:"-"` // its place in the mailbox, once it is there
}
