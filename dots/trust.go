package dots

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// ParseCredentials reads one PEM file: the certificate that has our key (and those that lead to its CA), that key, and
// the CAs that sign providers. Which is which it finds itself.
func ParseCredentials(file []byte) (Credentials, error) {
	var c Credentials
	var ours, others [][]byte
	for block, rest := pem.Decode(file); block != nil; block, rest = pem.Decode(rest) {
		text := pem.EncodeToMemory(block)
		switch {
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if c.Key != nil {
				return c, errors.New("there are two private keys: keep one")
			}
			c.Key = text
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return c, fmt.Errorf("read a certificate: %w", err)
			}
			if cert.IsCA {
				others = append(others, text)
			} else {
				ours = append(ours, text)
			}
		}
	}
	switch {
	case c.Key == nil:
		return c, errors.New("there is no private key: add it in PEM")
	case len(others) == 0:
		return c, errors.New("there is no CA certificate: add the one that signs the provider's")
	case len(ours) == 0:
		return c, errors.New("there is no certificate for our key: add it in PEM")
	}
	for _, text := range ours {
		if _, err := tls.X509KeyPair(text, c.Key); err == nil {
			c.Cert = slices.Concat(text, bytes.Join(others, nil))
			c.CA = bytes.Join(others, nil)
			return c, nil
		}
	}
	return c, errors.New("no certificate belongs to the private key: take both from one enrolment")
}

// trust is what a peer has to prove, and what we prove to it.
type trust struct {
	name     string // reference identifier; with a shared key it only goes into the handshake
	roots    *x509.CertPool
	own      []tls.Certificate
	identity string
	psk      []byte
	now      func() time.Time
}

// newTrust is the trust in a provider under its own name.
func newTrust(p Provider, now func() time.Time) (trust, error) {
	t := trust{name: p.name(), identity: p.PSKIdentity, psk: p.PSK, now: now}
	if len(p.PSK) > 0 {
		if p.PSKIdentity == "" || len(p.Cert) > 0 {
			return t, errors.New("a shared key goes with its identity, and without certificates")
		}
		return t, nil
	}
	own, err := tls.X509KeyPair(p.Cert, p.Key)
	if err != nil {
		return t, fmt.Errorf("use our certificate: %w", err)
	}
	if ends := own.Leaf.NotAfter; now().After(ends) {
		return t, fmt.Errorf("use our certificate: it was good until %s: have the provider enrol this home anew", ends.UTC().Format(time.DateOnly))
	}
	t.own, t.roots = []tls.Certificate{own}, x509.NewCertPool()
	if !t.roots.AppendCertsFromPEM(p.CA) {
		return t, errors.New("use the provider's CA: there is no certificate in it")
	}
	return t, nil
}

// shared reports whether the key is a shared one, which TLS over TCP cannot have here: crypto/tls has no such suites.
func (t trust) shared() bool { return len(t.psk) > 0 }

// verify checks a chain as a peer sent it: a path to our CA, valid now, and our peer's name in so many letters. A
// wildcard matches nothing (RFC 9132 section 8).
func (t trust) verify(chain [][]byte) error {
	if len(chain) == 0 {
		return errors.New("the peer shows no certificate")
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return fmt.Errorf("read the peer's certificate: %w", err)
	}
	between := x509.NewCertPool()
	for _, der := range chain[1:] {
		if cert, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(cert)
		}
	}
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: t.roots, Intermediates: between, CurrentTime: t.now(), KeyUsages: usage}); err != nil {
		return fmt.Errorf("check the peer's certificate: %w", err)
	}
	if !named(leaf, t.name) {
		return fmt.Errorf("the peer's certificate is not for %q: it may be another server, or option name is wrong", t.name)
	}
	return nil
}

// named reports whether a certificate says exactly this name or address.
func named(cert *x509.Certificate, name string) bool {
	if a, err := netip.ParseAddr(name); err == nil {
		for _, ip := range cert.IPAddresses {
			if b, ok := netip.AddrFromSlice(ip); ok && b.Unmap() == a.Unmap() {
				return true
			}
		}
		return false
	}
	name = strings.TrimSuffix(name, ".")
	return slices.ContainsFunc(cert.DNSNames, func(n string) bool {
		return !strings.Contains(n, "*") && strings.EqualFold(strings.TrimSuffix(n, "."), name)
	})
}

// within reports whether a name lies in a domain, or is it.
func within(name, domain string) bool {
	name, domain = strings.ToLower(strings.Trim(name, ".")), strings.ToLower(strings.Trim(domain, "."))
	return domain != "" && (name == domain || strings.HasSuffix(name, "."+domain))
}
