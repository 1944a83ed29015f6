package ui_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

// pair is a certificate and its key, DER.
type pair struct{ cert, key []byte }

// newPair makes a certificate with this serial number, and a key in one of the forms that are found on routers.
func newPair(t *testing.T, serial int64, form string) pair {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"},
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var p pair
	if form == "PKCS #1" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		p.key = x509.MarshalPKCS1PrivateKey(key)
		p.cert, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p.cert, err = x509.CreateCertificate(rand.Reader, template, template, &ec.PublicKey, ec)
	if err != nil {
		t.Fatal(err)
	}
	if form == "SEC 1" {
		p.key, err = x509.MarshalECPrivateKey(ec)
	} else {
		p.key, err = x509.MarshalPKCS8PrivateKey(ec)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// certFiles are the files of a certificate, as uhttpd has them.
type certFiles struct{ cert, key string }

func newCertFiles(t *testing.T) certFiles {
	dir := t.TempDir()
	return certFiles{filepath.Join(dir, "uhttpd.crt"), filepath.Join(dir, "uhttpd.key")}
}

var step int

// write replaces a file. Each time it is a second newer, whatever the file system can tell apart.
func write(t *testing.T, name string, data []byte) {
	t.Helper()
	step++
	at := time.Now().Add(time.Duration(step) * time.Second)
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

func (f certFiles) put(t *testing.T, p pair) {
	t.Helper()
	write(t, f.cert, p.cert)
	write(t, f.key, p.key)
}

// serveTLS serves the house and gives the address.
func serveTLS(t *testing.T, server *ui.Server, f certFiles, log *slog.Logger) string {
	t.Helper()
	certificate, err := ui.LoadCertificate(f.cert, f.key, log)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, "tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- server.ServeTLS(ctx, certificate, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-doneC; err != nil {
			t.Errorf("ServeTLS: %v", err)
		}
	})
	return l.Addr().String()
}

// serial is the number of the certificate that is shown at an address.
func serial(t *testing.T, addr string) int64 {
	t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestTheRoutersCertificateIsReadAsItIs(t *testing.T) {
	for _, form := range []string{"PKCS #1", "SEC 1", "PKCS #8"} {
		for _, asPEM := range []bool{false, true} {
			p := newPair(t, 7, form)
			if asPEM {
				p.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert})
				p.key = pem.EncodeToMemory(&pem.Block{Type: map[string]string{
					"PKCS #1": "RSA PRIVATE KEY", "SEC 1": "EC PRIVATE KEY", "PKCS #8": "PRIVATE KEY",
				}[form], Bytes: p.key})
			}
			f := newCertFiles(t)
			f.put(t, p)
			if got := serial(t, serveTLS(t, newHouse(t).server, f, slog.New(slog.DiscardHandler))); got != 7 {
				t.Errorf("%s, PEM %v: certificate %d", form, asPEM, got)
			}
		}
	}
}

func TestANewCertificateIsTakenUp(t *testing.T) {
	f, one, two := newCertFiles(t), newPair(t, 1, "SEC 1"), newPair(t, 2, "SEC 1")
	f.put(t, one)
	var log bytes.Buffer
	addr := serveTLS(t, newHouse(t).server, f, slog.New(slog.NewTextHandler(&log, nil)))
	for _, c := range []struct {
		name string
		do   func()
		want int64
	}{
		{"at the start", func() {}, 1},
		{"the certificate without its key", func() { write(t, f.cert, two.cert) }, 1},
		{"and its key", func() { write(t, f.key, two.key) }, 2},
		{"garbage", func() { write(t, f.cert, []byte("garbage")) }, 2},
		{"endless", func() { write(t, f.cert, make([]byte, 1<<20)) }, 2},
		{"gone", func() { os.Remove(f.cert) }, 2},
		{"a folder", func() { os.Mkdir(f.cert, 0o700) }, 2},
		{"back", func() { os.Remove(f.cert); f.put(t, one) }, 1},
	} {
		c.do()
		if got := serial(t, addr); got != c.want {
			t.Errorf("%s: certificate %d, want %d", c.name, got, c.want)
		}
		if got := serial(t, addr); got != c.want {
			t.Errorf("%s, asked again: certificate %d, want %d", c.name, got, c.want)
		}
	}
	if n := strings.Count(log.String(), "not used"); n != 3 {
		t.Errorf("the log speaks %d times of three bad files:\n%s", n, log.String())
	}
	if _, err := ui.LoadCertificate(f.cert, f.cert, nil); err == nil {
		t.Error("a certificate is its own key")
	}
}

func TestUnderTLSCookiesStayThere(t *testing.T) {
	f := newCertFiles(t)
	f.put(t, newPair(t, 1, "SEC 1"))
	h := newHouse(t)
	addr := serveTLS(t, h.server, f, slog.New(slog.DiscardHandler))
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
	}}
	r, err := client.Post("https://"+addr+"/api/v1/session/setup", "application/json", strings.NewReader(`{"password":"`+password+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusNoContent || r.ProtoMajor != 1 || len(r.Cookies()) != 2 {
		t.Fatalf("answered with %s over %s and %d cookies", r.Status, r.Proto, len(r.Cookies()))
	}
	for _, c := range r.Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") && !strings.HasPrefix(c.Name, "__Secure-") {
			t.Errorf("%s would get in the way of the page without TLS", c.Name)
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
			t.Errorf("over TLS: %v", c)
		}
	}
	for name, want := range map[string]int{"__Host-spinneret": http.StatusOK, "spinneret": http.StatusUnauthorized} {
		asked, err := http.NewRequest(http.MethodGet, "https://"+addr+"/api/v1/session", nil)
		if err != nil {
			t.Fatal(err)
		}
		asked.Header.Set("Cookie", name+"="+r.Cookies()[0].Value)
		answer, err := client.Do(asked)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("a session as cookie %s: %s", name, answer.Status)
		}
	}
	if _, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}
