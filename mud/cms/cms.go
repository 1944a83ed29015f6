// Package cms verifies the detached signatures of MUD files (RFC 8520 13.1, RFC 5652). It reads strict DER only, and of
// CMS only what such a signature needs.
package cms

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// What a signature may be at most.
const (
	MaxSignature = 64 << 10 // octets
	maxCerts     = 16
	maxSigners   = 4
)

// ErrPostponed is the answer where all is well but for the time: whether certificates are valid cannot be known until
// the clock is set.
var ErrPostponed = errors.New("the clock is not set: whether the certificates are valid is seen when it is")

// Trust is whom to believe, and when it is.
type Trust struct {
	// Anchors are the configured CAs. What a signature brings along never counts as one.
	Anchors *x509.CertPool
	// Subject is the DER of the Name that the device's own certificate says has signed (id-pe-mudsigner, RFC 8520 11);
	// empty is that it says nothing.
	Subject  []byte
	Now      time.Time
	ClockSet bool
}

// Signer is who signed. Two signers that are equal are the same for all that a maker's name is worth: subject and the
// key of the CA above it; so certificates can be renewed.
type Signer struct {
	Subject string   // its Name in DER, to compare
	CA      [32]byte // SHA-256 of the CA's public key
}

// Signature is a signature that was verified.
type Signature struct {
	Signer  Signer
	Name    string    // the signer's subject, to read; it is the certificate's text: escape it
	Expires time.Time // when the first certificate of the chain does
}

// Verify checks a detached signature over the exact octets of a file: the digest, the signature, the signer's key
// usage, and its chain to one of the anchors. On ErrPostponed all but the validity in time was checked.
func Verify(file, signature []byte, trust Trust) (Signature, error) {
	s, err := verify(file, signature, trust)
	if err != nil {
		return Signature{}, fmt.Errorf("verify signature: %w", err)
	}
	return s, nil
}

func verify(file, signature []byte, trust Trust) (Signature, error) {
	bag, err := parse(signature)
	if err != nil {
		return Signature{}, err
	}
	if trust.Anchors == nil { // to package x509 no pool is the system's
		return Signature{}, errors.New("no trust anchor is configured")
	}
	var first error
	for _, info := range bag.signers {
		s, err := bag.verify(info, file, trust)
		if err == nil {
			return s, nil
		}
		if first == nil || errors.Is(err, ErrPostponed) {
			first = err
		}
	}
	return Signature{}, first
}

func (b bag) verify(info signerInfo, file []byte, trust Trust) (Signature, error) {
	cert, err := b.certificate(info)
	if err != nil {
		return Signature{}, err
	}
	if err := b.check(info, cert, file); err != nil {
		return Signature{}, err
	}
	if cert.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return Signature{}, errors.New("the signer's certificate lacks the key usage digitalSignature (RFC 8520 13.1)")
	}
	if len(trust.Subject) > 0 && !bytes.Equal(trust.Subject, cert.RawSubject) {
		return Signature{}, fmt.Errorf("signed by %q: the device's certificate names another signer", cert.Subject)
	}
	return b.chain(cert, trust)
}

// chain looks for a way to an anchor. The purposes of certificates are not looked at: RFC 8520 names none for signers.
func (b bag) chain(cert *x509.Certificate, trust Trust) (Signature, error) {
	between := x509.NewCertPool()
	for _, c := range b.certs {
		between.AddCert(c)
	}
	at := trust.Now
	if !trust.ClockSet {
		at = cert.NotBefore
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: trust.Anchors, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	var invalid x509.CertificateInvalidError
	late := errors.As(err, &invalid) && invalid.Reason == x509.Expired
	switch {
	case !trust.ClockSet && (err == nil || late):
		return Signature{}, ErrPostponed
	case err != nil:
		return Signature{}, fmt.Errorf("%q leads to no trust anchor: %w", cert.Subject, err)
	}
	return signatureOf(cert, chains[0]), nil
}

func signatureOf(cert *x509.Certificate, chain []*x509.Certificate) Signature {
	s := Signature{Name: cert.Subject.String(), Expires: cert.NotAfter, Signer: Signer{Subject: string(cert.RawSubject)}}
	above := chain[min(1, len(chain)-1)] // an anchor may sign itself
	s.Signer.CA = sha256.Sum256(above.RawSubjectPublicKeyInfo)
	for _, c := range chain {
		if c.NotAfter.Before(s.Expires) {
			s.Expires = c.NotAfter
		}
	}
	return s
}
