package ui

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
)

// FuzzCertificate: a file that another program half wrote is refused, or is a whole certificate with its key.
func FuzzCertificate(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		f.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(cert, der)
	f.Add(asPEM("CERTIFICATE", cert), asPEM("EC PRIVATE KEY", der))
	f.Add(cert[:len(cert)-1], der)
	f.Add(der, cert)
	f.Fuzz(func(t *testing.T, cert, key []byte) {
		pair, err := parseCertificate(cert, key)
		if err == nil && (len(pair.Certificate) == 0 || pair.PrivateKey == nil) {
			t.Error("a certificate without key is taken")
		}
	})
}
