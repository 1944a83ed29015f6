package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// authority is the certificate authority of this internet, made anew for each home. It makes a certificate
// for whatever name a client hello asks for.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool // for clients

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

const maxLeaves = 512

// errNoName says that a client hello carries no server name, or there are too many names already.
var errNoName = errors.New("no certificate for this name")

func newAuthority(now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Home lab"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read own certificate: %w", err)
	}
	a := &authority{cert: cert, key: key, pool: x509.NewCertPool(), leaves: map[string]*tls.Certificate{}}
	a.pool.AddCert(cert)
	return a, nil
}

// serverConfig is for the servers of the internet.
func (a *authority) serverConfig() *tls.Config {
	return &tls.Config{GetCertificate: a.certificate, NextProtos: []string{"http/1.1"}}
}

func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf, ok := a.leaves[hello.ServerName]; ok {
		return leaf, nil
	}
	if _, ok := lookup(hello.ServerName); !ok || len(a.leaves) == maxLeaves {
		return nil, errNoName
	}
	leaf, err := a.issueLocked(hello.ServerName)
	if err != nil {
		return nil, err
	}
	a.leaves[hello.ServerName] = leaf
	return leaf, nil
}

// issueLocked makes a certificate for one name, with the authority's own key: nothing here is secret.
func (a *authority) issueLocked(name string) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(a.leaves) + 2)), DNSNames: []string{name},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("make certificate for %q: %w", name, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}, nil
}
