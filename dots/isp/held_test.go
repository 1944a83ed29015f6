package isp_test

import (
	"testing"

	"spinneret/dots/wire"
)

// TestLettersGoToTheSessionThatTheHomeUses: one that the home gave up on may look alive, and be the later one.
func TestLettersGoToTheSessionThatTheHomeUses(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	credentials := p.enrol("h")
	home := settle(t, credentials)
	home.up(t)
	p.homeIs("h", "up")
	before := p.ask(`{"home":"h",` + attack + `}`)
	home.Update(home.asked(t).Key, wire.State{Status: wire.Mitigated})
	p.becomes(before.ID, "active")
	for range 4 { // more than a home may have: the one in use is not the one to go
		conn, err := tlsOf(t, p, credentials)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 1)); err != nil { // the provider begins to talk: it holds the session
			t.Fatal(err)
		}
	}
	r := p.ask(`{"home":"h","source":["203.0.113.20:50000"],"target":["192.0.2.9"]}`)
	e := home.asked(t)
	if e.MID != r.MID {
		t.Errorf("the home was asked %+v", e)
	}
	home.Update(e.Key, wire.State{Status: wire.Mitigated})
	p.becomes(r.ID, "active")
}
