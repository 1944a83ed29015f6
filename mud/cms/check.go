package cms

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// digests are the hashes that count. MD5 and SHA-1 do not.
var digests = map[string]crypto.Hash{
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// rsa, pss and ecdsa are the algorithms by hash.
var (
	rsa   = map[crypto.Hash]x509.SignatureAlgorithm{crypto.SHA256: x509.SHA256WithRSA, crypto.SHA384: x509.SHA384WithRSA, crypto.SHA512: x509.SHA512WithRSA}
	pss   = map[crypto.Hash]x509.SignatureAlgorithm{crypto.SHA256: x509.SHA256WithRSAPSS, crypto.SHA384: x509.SHA384WithRSAPSS, crypto.SHA512: x509.SHA512WithRSAPSS}
	ecdsa = map[crypto.Hash]x509.SignatureAlgorithm{crypto.SHA256: x509.ECDSAWithSHA256, crypto.SHA384: x509.ECDSAWithSHA384, crypto.SHA512: x509.ECDSAWithSHA512}
)

// families are the algorithms by their identifiers (RFC 4055 5, RFC 5758 3.2). Those that name a hash too are checked
// against the digest by the signature itself, which is over its result.
var families = map[string]map[crypto.Hash]x509.SignatureAlgorithm{
	"1.2.840.113549.1.1.1": rsa, "1.2.840.113549.1.1.11": rsa, "1.2.840.113549.1.1.12": rsa, "1.2.840.113549.1.1.13": rsa,
	"1.2.840.113549.1.1.10": pss,
	"1.2.840.10045.2.1":     ecdsa, "1.2.840.10045.4.3.2": ecdsa, "1.2.840.10045.4.3.3": ecdsa, "1.2.840.10045.4.3.4": ecdsa,
}

// check checks the digest and the signature (RFC 5652 5.4 and 5.6).
func (b bag) check(info signerInfo, cert *x509.Certificate, file []byte) error {
	hash, ok := digests[info.Digest.Algorithm.String()]
	if !ok {
		return fmt.Errorf("digest %s does not count: sign with SHA-256", info.Digest.Algorithm)
	}
	algorithm, ok := families[info.Algorithm.Algorithm.String()][hash]
	if !ok {
		return fmt.Errorf("algorithm %s is not known: sign with RSA or ECDSA", info.Algorithm.Algorithm)
	}
	signed := file
	if len(info.Attrs.FullBytes) > 0 {
		if err := b.checkAttributes(info, hash, file); err != nil {
			return err
		}
		// What is signed is a SET OF, whatever its tag in the message (RFC 5652 5.4).
		signed = bytes.Clone(info.Attrs.FullBytes)
		signed[0] = asn1.TagSet | 0x20
	} else if !b.content.Equal(oidData) {
		return errors.New("it has no signed attributes, which what it signed demands (RFC 5652 5.3)")
	}
	if err := cert.CheckSignature(algorithm, signed, info.Signature); err != nil {
		return fmt.Errorf("the file or its signature was changed: %w", err)
	}
	return nil
}

// checkAttributes checks the two attributes that must be there (RFC 5652 5.3).
func (b bag) checkAttributes(info signerInfo, hash crypto.Hash, file []byte) error {
	var content asn1.ObjectIdentifier
	var digest []byte
	if err := attribute(info.Attrs.Bytes, oidContentType, &content); err != nil {
		return err
	}
	if err := attribute(info.Attrs.Bytes, oidMessageDigest, &digest); err != nil {
		return err
	}
	switch {
	case !content.Equal(b.content):
		return errors.New("its two words for what was signed differ")
	case matches(hash, file, digest):
		return nil
	case matches(hash, textMode(file), digest):
		return errors.New("it was made in text mode, over other line ends than the file's: sign with openssl cms -binary")
	}
	return errors.New("the file is not the one that was signed")
}

func matches(hash crypto.Hash, file, digest []byte) bool {
	h := hash.New()
	h.Write(file)
	return subtle.ConstantTimeCompare(h.Sum(nil), digest) == 1
}

// textMode is what openssl signs unless it is told that a file is binary.
func textMode(file []byte) []byte {
	lines := bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(lines, []byte("\n"), []byte("\r\n"))
}

// attribute reads the one value of the one attribute of a type; two of them could be read in two ways.
func attribute(der []byte, want asn1.ObjectIdentifier, into any) (err error) {
	found := false
	for len(der) > 0 {
		var a struct {
			Type   asn1.ObjectIdentifier
			Values []asn1.RawValue `asn1:"set"`
		}
		if der, err = asn1.Unmarshal(der, &a); err != nil {
			return fmt.Errorf("read signed attributes: %w", err)
		}
		if !a.Type.Equal(want) {
			continue
		}
		if found || len(a.Values) != 1 {
			return fmt.Errorf("signed attribute %s is there more than once", want)
		}
		found = true
		if err := unmarshal(a.Values[0].FullBytes, into); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("signed attribute %s is missing", want)
	}
	return nil
}
