package dots

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/dots/wire"
)

// TestSharedKeyWithLibcoap: ECDHE-PSK, and nothing for who has another key.
func TestSharedKeyWithLibcoap(t *testing.T) {
	key := []byte("sixteen bytes ok")
	peer := startPeer(t, "psk", "home-1", hex.EncodeToString(key))
	p := Provider{ID: "isp", Address: "127.0.0.1", Port: peer.port, PSKIdentity: "home-1", PSK: key}
	home := &fakeHome{}
	s := start(t, Options{Providers: []Provider{p}, Home: home})
	eventually(t, "up", up(s, 0))
	peer.wait(t, "SESSION dtls")
	peer.ask(t, "non", 3, "01", mitigatePath+"56", format, natRequest)
	eventually(t, "told", home.heard("mitigate c 56"))
	if e := s.Mitigations(); len(e) != 1 || e[0].Identity != "home-1" {
		t.Errorf("kept: %+v", e)
	}

	p.PSK = []byte("another key, bad")
	p.ID = "wrong"
	wrong := start(t, Options{Providers: []Provider{p}, Home: home, Timing: Timing{Handshake: time.Second}})
	eventually(t, "refused", func() bool { return wrong.Sessions()[0].Error != "" })
}

// TestResetByLibcoap: a reset for a notification ends the observation (RFC 7641 section 3.6).
func TestResetByLibcoap(t *testing.T) {
	peer := startPeer(t, "psk", "home-1", "73697874656e206279746573206f6b21")
	key, err := hex.DecodeString("73697874656e206279746573206f6b21")
	if err != nil {
		t.Fatal(err)
	}
	p := Provider{ID: "isp", Address: "127.0.0.1", Port: peer.port, PSKIdentity: "home-1", PSK: key}
	s := start(t, Options{Providers: []Provider{p}, Home: &fakeHome{}})
	peer.wait(t, "SESSION dtls")
	peer.ask(t, "non", 3, "01", mitigatePath+"56", format, natRequest)
	peer.ask(t, "non", 1, "02", mitigatePath+"56", "6=", "-")
	k := wire.Key{Client: p.client(), CUID: "c", MID: 56}
	if _, err := peer.in.Write([]byte("RST 02\n")); err != nil {
		t.Fatal(err)
	}
	peer.ask(t, "non", 3, "05", dotsPath+"hb", format, beatTrue) // after which the peer knows of the line before
	s.Update(k, wire.State{Status: wire.Mitigated})
	peer.wait(t, "GOT non 2.05 02")
	// The reset was sent before this question, so it is taken before.
	peer.ask(t, "non", 1, "04", mitigatePath+"56", "-", "-")
	s.Update(k, wire.State{Status: wire.Stopped})
	if got := peer.ask(t, "non", 1, "03", mitigatePath+"56", "-", "-"); !strings.Contains(got, "1003") {
		t.Errorf("status 3 is read as %s", got)
	}
	for _, line := range peer.kept {
		if strings.HasPrefix(line, "GOT non 2.05 02") {
			t.Errorf("told after the reset: %s", line)
		}
	}
}

// TestWhomWeTrust: no session with who proves something else; the reason is told.
func TestWhomWeTrust(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	for _, c := range []struct {
		name   string
		signer authority
		names  []string
		wanted string
		says   string // empty: trusted
	}{
		{"the name", ca, []string{"other.example.com", "dots.example.com"}, "dots.example.com", ""},
		{"the name, written otherwise", ca, []string{"DOTS.example.com"}, "dots.Example.com.", ""},
		{"the address", ca, []string{"127.0.0.1"}, "127.0.0.1", ""},
		{"another name", ca, []string{"other.example.com"}, "dots.example.com", "is not for"},
		{"a wildcard", ca, []string{"*.example.com"}, "dots.example.com", "is not for"},
		{"another address", ca, []string{"127.0.0.2"}, "127.0.0.1", "is not for"},
		{"another CA", foreign, []string{"dots.example.com"}, "dots.example.com", "check the peer's certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, _ := c.signer.issue(t, c.names...)
			for _, at := range []time.Time{time.Now(), time.Unix(1600000000, 0)} {
				trust, err := newTrust(ca.provider(t, 1, c.wanted), func() time.Time { return at })
				if err != nil {
					t.Fatal(err)
				}
				err = trust.verify([][]byte{der(t, cert)})
				switch {
				case at.Year() < 2022 && err == nil:
					t.Error("a certificate of the future is trusted")
				case at.Year() > 2022 && c.says == "" && err != nil:
					t.Error(err)
				case at.Year() > 2022 && c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
					t.Errorf("the answer is %v, want %q", err, c.says)
				}
			}
		})
	}
}

// TestCredentialsThatAreOverAreSaidToBe: the provider's own words for that help nobody.
func TestCredentialsThatAreOverAreSaidToBe(t *testing.T) {
	ca := newAuthority(t)
	_, err := newTrust(ca.provider(t, 1, "dots.example.com"), func() time.Time { return time.Unix(4000000001, 0) })
	if err == nil || !strings.Contains(err.Error(), "good until 2096-10-02") {
		t.Errorf("a day later: %v", err)
	}
}

// TestWrongPeersOnTheWire: libcoap with a certificate for another name, and of another CA, gets no session over either
// transport.
func TestWrongPeersOnTheWire(t *testing.T) {
	ca, foreign := newAuthority(t), newAuthority(t)
	for name, signer := range map[string]authority{"another.example.com": ca, "dots.example.com": foreign} {
		caFile, cert, key := signer.files(t, name)
		peer := startPeer(t, "pki", caFile, cert, key)
		s := start(t, Options{
			Providers: []Provider{ca.provider(t, peer.port, "dots.example.com")}, Home: &fakeHome{},
			Timing: Timing{Handshake: 3 * time.Second, Stagger: 50 * time.Millisecond},
		})
		eventually(t, "refused", func() bool { return s.Sessions()[0].State == Down && s.Sessions()[0].Error != "" })
		if e := s.Sessions()[0].Error; !strings.Contains(e, "certificate") {
			t.Errorf("the owner reads %q", e)
		}
	}
}

// TestCredentialsFile: one file, in any order.
func TestCredentialsFile(t *testing.T) {
	ca := newAuthority(t)
	cert, key := ca.issue(t, "home-1")
	stray, strayKey := ca.issue(t, "stray")
	for _, file := range [][]byte{slices.Concat(ca.pem, cert, key), slices.Concat(key, stray, cert, ca.pem)} {
		c, err := ParseCredentials(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(c.CA, ca.pem) || !bytes.HasPrefix(c.Cert, cert) || !bytes.Equal(c.Key, key) {
			t.Errorf("read as %s", c)
		}
		if _, err := newTrust(Provider{CA: c.CA, Cert: c.Cert, Key: c.Key}, time.Now); err != nil {
			t.Error(err)
		}
	}
	for says, file := range map[string][]byte{
		"no private key": slices.Concat(ca.pem, cert), "no CA": slices.Concat(cert, key), "no certificate for our key": slices.Concat(ca.pem, key),
		"belongs to the private key": slices.Concat(ca.pem, cert, strayKey), "two private keys": slices.Concat(ca.pem, cert, key, strayKey),
	} {
		if _, err := ParseCredentials(file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("want %q, got %v", says, err)
		}
	}
}
