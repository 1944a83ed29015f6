package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate is one of the router's own, in DER as px5g makes it, for the agent to read.
func certificate(t *testing.T, dir string, serial int64, at netip.Addr) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{at.AsSlice()},
	}
	cert, certErr := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	secret, keyErr := x509.MarshalECPrivateKey(key)
	if err := errors.Join(certErr, keyErr); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"page.crt": cert, "page.key": secret} {
		path := filepath.Join(dir, name)
		err := errors.Join(os.WriteFile(path+".new", data, 0o640), os.Chown(path+".new", 0, agentUser), os.Rename(path+".new", path))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestThePageOverTLS beside the page without: with cookies of its own, and the certificate as it is now.
func TestThePageOverTLS(t *testing.T) {
	home := quietHome(t)
	h := &doorHouse{router: home.Router(), lan: lanPage(home)}
	secure := netip.AddrPortFrom(h.lan.Addr(), 8485)
	h.agent = prepare(t, home, nil)
	dir := filepath.Dir(h.config)
	certificate(t, dir, 1, secure.Addr())
	h.write(append(h.settings(usual(home, dir)), "list listen_https '"+secure.String()+"'",
		"option cert '"+filepath.Join(dir, "page.crt")+"'", "option key '"+filepath.Join(dir, "page.key")+"'"))
	h.start()
	if line := h.stderr.with("ready https"); line != "ready https://"+secure.String()+"/" {
		t.Errorf("it says %q", line)
	}
	h.device(home.Device("laptop"))
	var serial int64
	browser := visit(t, home.Device("laptop").NS, secure)
	browser.page = "https://" + secure.String()
	browser.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{
		InsecureSkipVerify: true, // the router's own: nobody has signed it
		VerifyConnection: func(s tls.ConnectionState) error {
			serial = s.PeerCertificates[0].SerialNumber.Int64()
			return nil
		},
	}
	want(t, "the first run", browser.ask("POST", session+"/setup", `{"password":"`+ownersPassword+`"}`), done)
	want(t, "over TLS", browser.ask("GET", "/api/v1/status", ""), ok)
	if browser.cookies["__Host-spinneret"] == "" || serial != 1 {
		t.Errorf("cookies %v, certificate %d", browser.cookies, serial)
	}
	plain := h.at("laptop")
	want(t, "without TLS beside it", plain.logIn("owner", ownersPassword), done)
	want(t, "there", plain.ask("GET", "/api/v1/status", ""), ok)

	certificate(t, dir, 2, secure.Addr())
	want(t, "with the next certificate", browser.ask("GET", "/api/v1/status", ""), ok)
	if serial != 2 {
		t.Errorf("the certificate is still number %d", serial)
	}
	if rules := nftList(h.router, "chain", "inet", "spinneret", "input"); !strings.Contains(rules, "tcp dport { 8484, 8485 } drop") {
		t.Errorf("the ports are not closed to others: %s", rules)
	}
}

// TestThePageGoesOnWithoutItsCertificate and without one of its ports: it holds what it held, says so, and takes the
// certificate when it comes.
func TestThePageGoesOnWithoutItsCertificate(t *testing.T) {
	home := quietHome(t)
	secure := netip.MustParseAddrPort("127.0.0.1:8485")
	a := prepare(t, home, nil)
	dir := filepath.Dir(a.config)
	listen(t, home.Router(), "127.0.0.1:8483")
	a.write(append(usual(home, dir), "list listen '127.0.0.1:8483'", "list listen_https '"+secure.String()+"'",
		"option cert '"+filepath.Join(dir, "page.crt")+"'", "option key '"+filepath.Join(dir, "page.key")+"'"))
	a.start()
	spots := strings.Join(a.status().BlindSpots, "\n")
	for _, words := range []string{"not at http://127.0.0.1:8483/: ", "another program has the port", "not at https://127.0.0.1:8485/: ", "page.crt"} {
		if !strings.Contains(spots, words) {
			t.Errorf("the status says %s, want %q in it", spots, words)
		}
	}
	cam := home.Device("cam")
	a.device(cam)
	a.cutOff(cam, "")
	certificate(t, dir, 3, secure.Addr())
	a.eventually("the page is there", func() bool { return !strings.Contains(strings.Join(a.status().BlindSpots, "\n"), "8485") })
	browser := visit(t, home.Router(), secure)
	browser.page = "https://" + secure.String()
	browser.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	want(t, "over TLS", browser.ask("GET", "/api/v1/status", ""), ok)
}
