package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// Object identifiers (RFC 5652 4, 5.1, 11; RFC 8520 17.5).
var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidMUD           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 41}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
)

// contentInfo is RFC 5652 3.
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

// signedData is RFC 5652 5.1.
type signedData struct {
	Version int
	Digests []pkix.AlgorithmIdentifier `asn1:"set"`
	Encap   struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
	}
	Certs   asn1.RawValue `asn1:"optional,tag:0"`
	CRLs    asn1.RawValue `asn1:"optional,tag:1"`
	Signers []signerInfo  `asn1:"set"`
}

// signerInfo is RFC 5652 5.3.
type signerInfo struct {
	Version   int
	ID        asn1.RawValue
	Digest    pkix.AlgorithmIdentifier
	Attrs     asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

// bag is what a signature brings along.
type bag struct {
	content asn1.ObjectIdentifier // what was signed is said to be
	certs   []*x509.Certificate
	signers []signerInfo
}

func parse(der []byte) (b bag, err error) {
	if len(der) > MaxSignature {
		return b, fmt.Errorf("it has %d octets: more than %d are not read", len(der), MaxSignature)
	}
	var info contentInfo
	if err := unmarshal(der, &info); err != nil {
		return b, err
	}
	if !info.Type.Equal(oidSignedData) {
		return b, errors.New("this is CMS, but no signed data")
	}
	var data signedData
	if err := unmarshal(info.Content.Bytes, &data); err != nil {
		return b, err
	}
	switch {
	case data.Version != 1 && data.Version != 3:
		return b, fmt.Errorf("version %d of signed data is not known", data.Version)
	case len(data.Encap.Content.FullBytes) > 0:
		return b, errors.New("it has a file of its own in it: a signature must be detached")
	case !data.Encap.Type.Equal(oidData) && !data.Encap.Type.Equal(oidMUD):
		return b, errors.New("what it signed is said to be something else than a file")
	case len(data.Signers) == 0 || len(data.Signers) > maxSigners:
		return b, fmt.Errorf("it has %d signers: 1 to %d are read", len(data.Signers), maxSigners)
	}
	b.content, b.signers = data.Encap.Type, data.Signers
	b.certs, err = certificates(data.Certs.Bytes)
	return b, err
}

func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err != nil {
		return fmt.Errorf("read DER: %w", err)
	}
	if len(rest) > 0 {
		return errors.New("read DER: there is more after its end")
	}
	return nil
}

func certificates(der []byte) (certs []*x509.Certificate, err error) {
	for len(der) > 0 {
		var one asn1.RawValue
		if der, err = asn1.Unmarshal(der, &one); err != nil {
			return nil, fmt.Errorf("read certificates: %w", err)
		}
		if one.Class != asn1.ClassUniversal {
			continue // other kinds of certificates than X.509 (RFC 5652 10.2.2)
		}
		c, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		if certs = append(certs, c); len(certs) > maxCerts {
			return nil, fmt.Errorf("it has more than %d certificates", maxCerts)
		}
	}
	return certs, nil
}

// certificate finds the signer's certificate, by its issuer and serial number or by its key's identifier.
func (b bag) certificate(info signerInfo) (*x509.Certificate, error) {
	var id struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	byKey := info.ID.Class == asn1.ClassContextSpecific && info.ID.Tag == 0
	if !byKey {
		if err := unmarshal(info.ID.FullBytes, &id); err != nil {
			return nil, err
		}
	}
	for _, c := range b.certs {
		if byKey && len(c.SubjectKeyId) > 0 && bytes.Equal(c.SubjectKeyId, info.ID.Bytes) ||
			!byKey && bytes.Equal(c.RawIssuer, id.Issuer.FullBytes) && c.SerialNumber.Cmp(id.Serial) == 0 {
			return c, nil
		}
	}
	return nil, errors.New("the signer's certificate is not in it")
}
