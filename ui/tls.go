package ui

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// maxCertificate bounds a certificate's or key's file, in bytes.
const maxCertificate = 64 << 10

// Certificate is a TLS certificate in files. It is read anew when they change: on a router it belongs to another
// program (uhttpd), which makes a new one when it likes.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]stamp
}

// stamp tells one state of a file from the next.
type stamp struct {
	changed time.Time
	size    int64
}

// LoadCertificate reads a certificate chain and its key, each PEM or DER: OpenWrt makes its own as DER.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	seen, err := c.stamps()
	if err != nil {
		return nil, err
	}
	c.seen = seen
	c.current, err = c.read()
	return c, err
}

// get answers a handshake. A certificate that cannot be read leaves the one before in use, and is looked at again
// when its files change once more: certificate and key are seldom replaced at the same moment.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, err := c.stamps()
	if err != nil || seen == c.seen {
		return c.current, nil
	}
	c.seen = seen
	read, err := c.read()
	if err != nil {
		c.log.Warn("the new certificate is not used", "error", err)
		return c.current, nil
	}
	c.current = read
	return c.current, nil
}

func (c *Certificate) stamps() (stamps [2]stamp, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return stamps, fmt.Errorf("read certificate: %w", err)
		}
		if !info.Mode().IsRegular() {
			return stamps, fmt.Errorf("read certificate: %s is no file", name)
		}
		stamps[i] = stamp{info.ModTime(), info.Size()}
	}
	return stamps, nil
}

func (c *Certificate) read() (*tls.Certificate, error) {
	cert, err := readBounded(c.certFile)
	if err != nil {
		return nil, err
	}
	key, err := readBounded(c.keyFile)
	if err != nil {
		return nil, err
	}
	pair, err := parseCertificate(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", c.certFile, err)
	}
	return &pair, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCertificate+1))
	if err == nil && len(data) > maxCertificate {
		err = errors.New("it is longer than 64 KiB")
	}
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", name, err)
	}
	return data, nil
}

func parseCertificate(cert, key []byte) (tls.Certificate, error) {
	// PRIVATE KEY stands for PKCS #8, but PKCS #1 and SEC 1 are tried behind the same name.
	return tls.X509KeyPair(asPEM("CERTIFICATE", cert), asPEM("PRIVATE KEY", key))
}

// asPEM is data itself where it has a PEM block, else a PEM block around it.
func asPEM(kind string, data []byte) []byte {
	if block, _ := pem.Decode(data); block != nil {
		return data
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})
}

func (c *Certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"http/1.1"}}
}
