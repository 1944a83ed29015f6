package isp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// How long certificates are good for. The provider's own is signed anew, with the same key, by whoever needs it.
const (
	caLife     = 20 * 365 * 24 * time.Hour
	homeLife   = 2 * 365 * 24 * time.Hour
	serverLife = 365 * 24 * time.Hour
	backdate   = 24 * time.Hour // for homes whose clock is behind
)

// authority is the provider's own small CA: it signs one certificate for each home, and the one that homes see. Its
// keys are kept in the store, so that all nodes are the same provider to a home.
type authority struct {
	name string // that homes look for
	now  func() time.Time

	ca     *x509.Certificate
	caPEM  []byte
	caKey  *ecdsa.PrivateKey
	server *ecdsa.PrivateKey
	cuid   string

	mu      sync.Mutex
	current *tls.Certificate
	until   time.Time
}

// openAuthority reads the keys, or makes them where there are none.
func openAuthority(ctx context.Context, kept *store.Bucket[[]byte], name string, now func() time.Time) (*authority, error) {
	a := &authority{name: name, now: now}
	ca, err := keep(ctx, kept, "ca", a.newCA)
	if err != nil {
		return nil, err
	}
	if a.ca, a.caKey, err = parsePair(ca); err != nil {
		return nil, fmt.Errorf("read our CA: %w", err)
	}
	a.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.ca.Raw})
	key, err := keep(ctx, kept, "server", newKeyPEM)
	if err != nil {
		return nil, err
	}
	if a.server, err = parseKey(key); err != nil {
		return nil, fmt.Errorf("read our key: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(a.server.Public())
	a.cuid = wire.CUID(spki)
	return a, err
}

// keep returns what is kept under a name, or what is made now: of two nodes that make it at once, one's counts.
func keep(ctx context.Context, kept *store.Bucket[[]byte], name string, fresh func() ([]byte, error)) ([]byte, error) {
	return kept.Change(ctx, name, func(v *[]byte, there bool) (err error) {
		if !there {
			*v, err = fresh()
		}
		return err
	})
}

func (a *authority) newCA() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := a.template(pkix.Name{CommonName: "Spinneret homes of " + a.name}, caLife)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make a CA: %w", err)
	}
	return encodePair(der, key)
}

func (a *authority) template(subject pkix.Name, life time.Duration) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // crypto/rand does not fail
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: a.now().Add(-backdate), NotAfter: a.now().Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

// forHome makes a key and a certificate for a home, and the file that has all it needs.
func (a *authority) forHome(home string) (file []byte, c *x509.Certificate, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	template := a.template(pkix.Name{CommonName: home}, homeLife)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.ca, key.Public(), a.caKey)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a home's certificate: %w", err)
	}
	if file, err = encodePair(der, key); err != nil {
		return nil, nil, err
	}
	c, err = x509.ParseCertificate(der)
	return append(file, a.caPEM...), c, err
}

// certificate is the one that homes see, signed anew when half of its life is over.
func (a *authority) certificate() (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != nil && a.now().Before(a.until) {
		return a.current, nil
	}
	template := a.template(pkix.Name{CommonName: a.name}, serverLife)
	template.DNSNames = []string{a.name}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.ca, a.server.Public(), a.caKey)
	if err != nil {
		return nil, fmt.Errorf("sign our certificate: %w", err)
	}
	a.current = &tls.Certificate{Certificate: [][]byte{der, a.ca.Raw}, PrivateKey: a.server}
	a.until = a.now().Add(serverLife / 2)
	return a.current, nil
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.ca)
	return pool
}

// fingerprint is by which a certificate is known.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

func newKeyPEM() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return keyPEM(key)
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// encodePair writes a certificate, then its key.
func encodePair(der []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	k, err := keyPEM(key)
	return bytes.Join([][]byte{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), k}, nil), err
}

func parsePair(data []byte) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	block, rest := pem.Decode(data)
	if block == nil {
		return nil, nil, errors.New("there is no certificate")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	key, err := parseKey(rest)
	return c, key, err
}

func parseKey(data []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("there is no key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("the key is of another kind")
	}
	return ec, nil
}
