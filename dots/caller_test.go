package dots

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// TestTransports: the order of RFC 9132 section 4.3; a shared key has no TLS to fall back to.
func TestTransports(t *testing.T) {
	addresses := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.2")}
	show := func(list []way) (text string) {
		for _, w := range list {
			text += w.transport() + " " + w.at.String() + " "
		}
		return text
	}
	all := "dtls [2001:db8::1]:1 dtls 192.0.2.1:1 dtls 192.0.2.2:1 tls [2001:db8::1]:1 tls 192.0.2.1:1 tls 192.0.2.2:1 "
	if got := show(ways(addresses, 1, false)); got != all {
		t.Errorf("with certificates: %s", got)
	}
	if got := show(ways(addresses, 1, true)); got != all[:strings.Index(all, "tls [2001:db8::1]:1 tls")] {
		t.Errorf("with a shared key: %s", got)
	}
}

// TestWaits: at once is not often (RFC 9132 section 4.7).
func TestWaits(t *testing.T) {
	timing := Timing{}.complete()
	for failures, least := range []time.Duration{10 * time.Second, 10 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
		for range 100 {
			if d := timing.wait(failures); d < least || d > 2*least {
				t.Errorf("after %d failures: %s", failures, d)
			}
		}
	}
	if d := timing.wait(1000); d < 5*time.Minute {
		t.Errorf("after a thousand: %s", d)
	}
}

// TestBackToUDP: where UDP is blocked a session goes over TLS; later UDP is tried again (RFC 9132 section 4.3).
func TestBackToUDP(t *testing.T) {
	ca := newAuthority(t)
	caFile, cert, key := ca.files(t, "dots.example.com")
	peer := startPeer(t, "pki", caFile, cert, key, "tls")
	s := start(t, Options{
		Providers: []Provider{ca.provider(t, peer.port, "dots.example.com")}, Home: &fakeHome{},
		Timing: Timing{Second: 10 * time.Millisecond, Stagger: 10 * time.Millisecond, Reprobe: 100 * time.Millisecond},
	})
	peer.wait(t, "SESSION tls")
	eventually(t, "up", up(s, 0))
	if got := s.Sessions()[0]; got.Error != "" {
		t.Errorf("the session is %+v", got)
	}
	peer.wait(t, "SESSION tls") // UDP is still blocked
}

// TestRedirected: a home goes where its provider sends it, keeps what was asked for, and comes back in time.
func TestRedirected(t *testing.T) {
	ca := newAuthority(t)
	first := startGoPeer(t, ca, "dots.example.com", true, netip.MustParseAddrPort("127.0.0.1:0"))
	second := startGoPeer(t, ca, "127.0.0.2", true, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), first.port()))
	provider := ca.provider(t, first.port(), "dots.example.com")
	provider.TrustedDomain = "127.0.0.2"
	saved := wire.Entry{
		Key: wire.Key{Client: provider.client(), CUID: "c", MID: 1}, Status: wire.Mitigated, Ends: time.Now().Add(400 * time.Millisecond),
	}
	home := &fakeHome{}
	start(t, Options{Providers: []Provider{provider}, Home: home, Saved: []wire.Entry{saved}, Timing: Timing{Second: 5 * time.Millisecond}})
	c := <-first.connC
	ttl := uint32(1)
	m := coap.Message{Type: coap.NonConfirmable, Code: coap.PUT, ID: 1, Token: []byte{1}, Payload: wire.Redirection{Name: "127.0.0.2", TTL: &ttl}.Encode()}
	m.SetPath(strings.Split(dotsPath+"redirect/cuid=c/mid=1", "/"))
	m.Options = append(m.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
	eventually(t, "with the other", func() bool { // a request is repeated until it is heard (RFC 9132 section 4.4)
		m.ID++
		c.Write(m.Datagram())
		return len(second.connC) > 0
	})
	if home.heard("end c 1 expired")() {
		t.Error("what was asked for ended with the redirection")
	}
	<-first.connC // its time is over, and so is the attack
	eventually(t, "ended", home.heard("end c 1 expired"))
}

// TestRestored: what providers asked for goes on without a session, and ends where they are no longer configured.
func TestRestored(t *testing.T) {
	ca := newAuthority(t)
	provider := ca.provider(t, freePort(t), "dots.example.com")
	entry := func(c wire.Client, mid uint32, s wire.Status, ends time.Time) wire.Entry {
		return wire.Entry{Key: wire.Key{Client: c, CUID: "c", MID: mid}, Status: s, Ends: ends}
	}
	now := time.Now()
	home := &fakeHome{}
	s := start(t, Options{Providers: []Provider{provider}, Home: home, Saved: []wire.Entry{
		entry(provider.client(), 1, wire.Mitigated, now.Add(time.Hour)),
		entry(provider.client(), 2, wire.Mitigated, now.Add(-time.Hour)),
		entry(provider.client(), 3, wire.Withdrawn, now.Add(-time.Hour)),
		entry(wire.Client{Provider: "gone", Identity: "gone"}, 4, wire.Mitigated, now.Add(time.Hour)),
	}})
	for _, want := range []string{"mitigate c 1", "end c 2 expired", "end c 3 withdrawn", "end c 4 orphaned"} {
		eventually(t, want, home.heard(want))
	}
	if list := s.Mitigations(); len(list) != 1 || list[0].MID != 1 {
		t.Errorf("kept: %+v", list)
	}
}
