package isp_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"spinneret/dots"
	"spinneret/dots/coap"
	"spinneret/dots/isp"
	"spinneret/dots/wire"
)

// tlsCaller is a home of the test's own, over TLS.
type tlsCaller struct{ conn *tls.Conn }

func tlsOf(t *testing.T, p *provider, c dots.Provider) (*tls.Conn, error) {
	t.Helper()
	own, err := tls.X509KeyPair(c.Cert, c.Key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.CA)
	d := tls.Dialer{
		NetDialer: &net.Dialer{Timeout: patience},
		Config:    &tls.Config{Certificates: []tls.Certificate{own}, RootCAs: roots, ServerName: p.config.Name, NextProtos: []string{"coap"}},
	}
	conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(p.port))))
	if err != nil {
		return nil, err
	}
	return conn.(*tls.Conn), conn.SetDeadline(time.Now().Add(patience))
}

func callTLS(t *testing.T, p *provider, c dots.Provider) *tlsCaller {
	t.Helper()
	conn, err := tlsOf(t, p, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	caller := &tlsCaller{conn}
	caller.send(t, coap.Message{Code: coap.CSM})
	if first := caller.receive(t); first.Code != coap.CSM {
		t.Errorf("the provider begins with %v, want a CSM (RFC 8323 section 5.3)", first)
	}
	return caller
}

func (c *tlsCaller) close() { _ = c.conn.Close() }

func (c *tlsCaller) send(t *testing.T, m coap.Message) {
	t.Helper()
	if _, err := c.conn.Write(m.Stream()); err != nil {
		t.Fatal(err)
	}
}

func (c *tlsCaller) receive(t *testing.T) coap.Message {
	t.Helper()
	m, err := coap.ReadStream(c.conn, 8192)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// takeRequest waits for the request, passing over the rest, and answers it.
func (c *tlsCaller) takeRequest(t *testing.T, code wire.Code, s wire.Status) {
	t.Helper()
	for {
		m := c.receive(t)
		path, err := wire.ParsePath(m.Path())
		if err != nil || path.Operation != wire.Mitigate || m.Code != coap.PUT {
			continue
		}
		seconds := int64(600)
		c.send(t, coap.Message{Code: coap.Code(code), Token: m.Token, Payload: wire.EncodeReports(wire.Report{MID: path.MID, Lifetime: &seconds, Status: s})})
		return
	}
}

// TestStrangersAreNotLetIn: no certificate, one of another provider, one that was replaced and used, a revoked one, and
// a shared key that is not the home's.
func TestStrangersAreNotLetIn(t *testing.T) {
	p, other := startProvider(t, t.TempDir(), 0), startProvider(t, t.TempDir(), 0)
	first := p.enrol("h")
	second := p.enrol("h") // replaces the first once it is used
	settle(t, second).up(t)
	p.homeIs("h", "up")
	foreign, revoked := other.enrol("h"), p.enrol("r")
	foreign.CA, foreign.Port = first.CA, p.port
	p.call("DELETE", "homes/r", "", http.StatusOK, nil)
	key := p.enrolPSK("k")
	key.PSK = []byte("this-is-not-the-key-that-was-given-out")
	unknown := p.enrolPSK("u")
	unknown.PSKIdentity = "nobody"
	for name, credentials := range map[string]dots.Provider{
		"a certificate of another provider": foreign, "a certificate that was replaced": first, "a revoked certificate": revoked,
		"a wrong shared key": key, "an unknown identity": unknown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := settle(t, credentials, func(_ *house, o *dots.Options) { o.Timing.Handshake = 2 * time.Second })
			eventually(t, "a refusal", func() bool { return h.Sessions()[0].Error != "" })
			if s := h.Sessions()[0]; s.State == dots.Up {
				t.Errorf("the session is %+v", s)
			}
		})
	}
	t.Run("over TLS", func(t *testing.T) {
		for name, credentials := range map[string]dots.Provider{"foreign": foreign, "replaced": first, "revoked": revoked} {
			conn, err := tlsOf(t, p, credentials)
			if err != nil {
				continue
			}
			if _, err := conn.Read(make([]byte, 1)); err == nil { // with TLS 1.3 the server's word comes after the handshake
				t.Errorf("%s: the provider talks to a stranger", name)
			}
			_ = conn.Close()
		}
	})
	p.homeIs("r", "revoked")
	p.homeIs("k", "away")
}

// TestRevocationEndsASessionAtOnce.
func TestRevocationEndsASessionAtOnce(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	waiting := p.ask(`{"home":"h",` + attack + `}`)
	p.call("DELETE", "homes/h", "", http.StatusOK, nil)
	for {
		if _, err := coap.ReadStream(c.conn, 8192); err != nil {
			break
		}
	}
	p.homeIs("h", "revoked")
	p.call("POST", "requests", `{"home":"h",`+attack+`}`, http.StatusUnprocessableEntity, nil)
	renewed := settle(t, p.enrol("h")) // enrolled anew, it is let in, and asked nothing from before
	renewed.up(t)
	p.homeIs("h", "up")
	p.becomes(waiting.ID, "withdrawn")
}

// TestARevokedHomeGivesWayToANewOne where there is room for no more.
func TestARevokedHomeGivesWayToANewOne(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0, func(c *isp.Config) { c.MaxHomes = 2 })
	p.enrol("a")
	revoked := p.enrol("b")
	p.call("POST", "homes", `{"id":"c"}`, http.StatusTooManyRequests, nil)
	p.call("DELETE", "homes/b", "", http.StatusOK, nil)
	p.enrol("c")
	p.call("GET", "homes/b", "", http.StatusNotFound, nil)
	p.enrol("a") // which is known, and needs no room
	if conn, err := tlsOf(t, p, revoked); err == nil {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a home that was forgotten is let in")
		}
		_ = conn.Close()
	}
}

// TestAHomeThatTalksTooMuchIsHeardLess: the first of a second at once, the others when that is over.
func TestAHomeThatTalksTooMuchIsHeardLess(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	beat := coap.Message{Code: coap.PUT, Token: []byte{7}, Payload: wire.EncodeHeartbeat(true)}
	beat.SetPath(wire.Path{Operation: wire.Hb}.Segments())
	began := time.Now()
	for range 55 {
		c.send(t, beat)
	}
	for answers := 0; answers < 55; {
		if m := c.receive(t); string(m.Token) == "\x07" {
			answers++
		}
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("55 heartbeats were answered in %v", took)
	}
}

// TestAHomeHearsWhatIsWrongWithItsRequest: all that it may ask for is to be heard (RFC 9132 sections 3 and 4.7).
func TestAHomeHearsWhatIsWrongWithItsRequest(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	for i, ask := range []struct {
		method coap.Code
		path   []string
		option coap.Option // beside the path
		want   wire.Code
	}{
		{coap.PUT, []string{"hb"}, coap.Number(coap.ContentFormat, wire.ContentFormat), wire.Changed},
		{coap.PUT, []string{"hb", "cuid=x"}, coap.Number(coap.ContentFormat, wire.ContentFormat), wire.BadRequest},
		{coap.GET, []string{"hb"}, coap.Number(coap.Accept, wire.ContentFormat), wire.MethodNotAllowed},
		{coap.GET, []string{"mitigate", "cuid=x"}, coap.Number(coap.Accept, wire.ContentFormat), wire.NotFound},
		{coap.PUT, []string{"hb"}, coap.Number(coap.ContentFormat, 60), wire.UnsupportedFormat},
		{coap.PUT, []string{"hb"}, coap.Option{Number: 65001}, wire.BadOption},
	} {
		m := coap.Message{Code: ask.method, Token: []byte{byte(i), 'x'}, Payload: wire.EncodeHeartbeat(true)}
		m.SetPath(append([]string{".well-known", "dots"}, ask.path...))
		m.Options = append(m.Options, ask.option)
		c.send(t, m)
		got := c.receive(t)
		for string(got.Token) != string(m.Token) {
			got = c.receive(t)
		}
		if wire.Code(got.Code) != ask.want || (ask.want != wire.Changed) != (len(got.Payload) > 0) {
			t.Errorf("%v %v: %v %q, want %v with a word why", ask.method, ask.path, wire.Code(got.Code), got.Payload, ask.want)
		}
	}
}

// TestCredentialsThatNeverArrivedLockNobodyOut: what a home uses stays good, however often it is enrolled anew, until
// it shows something newer.
func TestCredentialsThatNeverArrivedLockNobodyOut(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	used := p.enrol("h")
	var latest dots.Provider
	for range 6 {
		latest = p.enrol("h")
	}
	home := settle(t, used)
	home.up(t)
	home.stop()
	p.homeIs("h", "away")
	settle(t, latest).up(t)
	p.homeIs("h", "up")
	old := settle(t, used)
	eventually(t, "a refusal", func() bool { return old.Sessions()[0].Error != "" })
}

// TestAReplacedKeyEndsItsSession: it was replaced because somebody else may have it.
func TestAReplacedKeyEndsItsSession(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	thief := settle(t, p.enrolPSK("k"), func(_ *house, o *dots.Options) { o.Timing.Handshake = 2 * time.Second })
	thief.up(t)
	p.homeIs("k", "up")
	key := p.enrolPSK("k")
	p.homeIs("k", "away")
	settle(t, key).up(t)
	p.homeIs("k", "up")
}
