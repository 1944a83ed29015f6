package isp_test

import (
	"net/http"
	"strings"
	"testing"

	"spinneret/dots"
	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

const attack = `"source":["203.0.113.20:40000-40127"],"target":["198.51.100.7:53/udp"]`

// TestARequestReachesItsHomeAndItsStatusComesBack goes through the whole life of requests, by certificate and by a
// shared key over DTLS.
func TestARequestReachesItsHomeAndItsStatusComesBack(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	for name, credentials := range map[string]dots.Provider{"house-1": p.enrol("house-1"), "house-2": p.enrolPSK("house-2")} {
		t.Run(name, func(t *testing.T) {
			home := settle(t, credentials)
			home.up(t)
			p.homeIs(name, "up")
			r := p.ask(`{"home":"` + name + `",` + attack + `,"lifetime":"1h"}`)
			if r.Home != name || r.MID != 1 || r.Lifetime != "1h" || r.State != "waiting" && r.State != "sent" {
				t.Errorf("the request is %+v", r)
			}
			e := home.asked(t)
			if e.MID != r.MID || e.Request.Targets[0].String() != "198.51.100.7/32" || e.Request.SourcePorts[0].Upper != 40127 || e.Request.Lifetime < 3590 {
				t.Errorf("the home was asked %+v", e)
			}
			p.becomes(r.ID, "sent")
			home.Update(e.Key, wire.State{Status: wire.Mitigated, Drops: wire.Drops{Packets: 12, Bytes: 1800}})
			if got := p.becomes(r.ID, "active"); *got.Status != 2 || got.DroppedPackets != 12 || got.DroppedBytes != 1800 {
				t.Errorf("what the home dropped is told as %+v", got)
			}
			var withdrawn answer
			p.call("DELETE", "requests/"+r.ID, "", http.StatusOK, &withdrawn)
			if withdrawn.State != "withdrawn" {
				t.Errorf("after its withdrawal the request is %+v", withdrawn)
			}
			if over := <-home.endC; over.MID != r.MID {
				t.Errorf("the home ended %+v", over)
			}
			p.call("DELETE", "requests/"+r.ID, "", http.StatusOK, nil)
		})
	}
}

// TestARefusalIsToldWithItsReason: by the owner before and after, and by the home for an address that is not its own.
func TestARefusalIsToldWithItsReason(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"))
	home.up(t)
	r := p.ask(`{"home":"h",` + attack + `}`)
	e := home.asked(t)
	home.Update(e.Key, wire.State{Status: wire.Mitigated})
	p.becomes(r.ID, "active")
	home.Release(e.Key, wire.State{Status: wire.ServerEnded})
	if got := p.becomes(r.ID, "refused"); *got.Status != 7 || !strings.Contains(*got.Why, "owner") {
		t.Errorf("what the owner ended is told as %+v %s", got, *got.Why)
	}
	other := settle(t, p.enrol("m"), func(h *house, _ *dots.Options) { h.meant = true })
	other.up(t)
	r = p.ask(`{"home":"m",` + attack + `}`)
	if got := p.becomes(r.ID, "refused"); !strings.Contains(*got.Why, "meant") {
		t.Errorf("what the owner means is refused as %+v %s", got, *got.Why)
	}
}

// TestABusyHomeIsAskedAgain: 5.03 with Max-Age.
func TestABusyHomeIsAskedAgain(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"), func(_ *house, o *dots.Options) { o.Limits.PerClient, o.Limits.RetryAfter = 1, 1 })
	home.up(t)
	first := p.ask(`{"home":"h",` + attack + `}`)
	home.asked(t)
	second := p.ask(`{"home":"h","source":["203.0.113.20:50000"],"target":["192.0.2.9"]}`)
	eventually(t, "word that the home is busy", func() bool {
		got := p.becomes(second.ID, "sent")
		return got.Why != nil && strings.Contains(*got.Why, "busy")
	})
	p.call("DELETE", "requests/"+first.ID, "", http.StatusOK, nil)
	if e := home.asked(t); e.MID != second.MID {
		t.Errorf("the home was then asked %+v", e)
	}
}

// TestAHomeThatIsAwayIsAskedWhenItComesBack, also when the provider's program ended in between; what had less time
// than that has expired, and what was withdrawn is not asked.
func TestAHomeThatIsAwayIsAskedWhenItComesBack(t *testing.T) {
	dir := t.TempDir()
	p := startProvider(t, dir, 0)
	credentials := p.enrol("h")
	p.call("POST", "homes", `{"id":"h","prefixes":["203.0.113.20/32"]}`, http.StatusCreated, nil)
	short := p.ask(`{"home":"h","source":["203.0.113.20:40001"],"target":["192.0.2.2"],"lifetime":"1s"}`)
	taken := p.ask(`{"home":"h",` + attack + `}`)
	long := p.ask(`{"source":"203.0.113.20:40001","target":"192.0.2.1"}`)
	p.call("DELETE", "requests/"+taken.ID, "", http.StatusOK, nil)
	if got := p.becomes(short.ID, "expired"); got.Why == nil || !strings.Contains(*got.Why, "away") {
		t.Errorf("what nobody was there for is told as %+v", got)
	}
	p.stop()

	p = startProvider(t, dir, p.port)
	p.becomes(taken.ID, "withdrawn")
	if got := p.becomes(long.ID, "waiting"); got.Home != "h" || got.MID != 3 {
		t.Errorf("after a restart the request is %+v", got)
	}
	home := settle(t, credentials)
	e := home.asked(t)
	if e.MID != long.MID {
		t.Errorf("the home was asked %+v, want the one request that waits", e)
	}
	home.Update(e.Key, wire.State{Status: wire.Mitigated})
	p.becomes(long.ID, "active")

	// The provider ends while the home keeps what it was asked; it then hears how that goes on.
	p.stop()
	home.Update(e.Key, wire.State{Status: wire.Mitigated, Drops: wire.Drops{Packets: 5, Bytes: 500}})
	p = startProvider(t, dir, p.port)
	eventually(t, "the drops of meanwhile", func() bool { return p.becomes(long.ID, "active").DroppedPackets == 5 })
	if next := p.ask(`{"home":"h",` + attack + `}`); next.MID != 4 {
		t.Errorf("the next number is %d, want 4: they rise over restarts", next.MID)
	}
}

// TestAMitigationEndsWithItsTime on both sides.
func TestAMitigationEndsWithItsTime(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"))
	home.up(t)
	r := p.ask(`{"home":"h",` + attack + `,"lifetime":"2s"}`)
	e := home.asked(t)
	home.Update(e.Key, wire.State{Status: wire.Mitigated})
	p.becomes(r.ID, "active")
	p.becomes(r.ID, "expired")
	<-home.endC
}

// TestAHomeIsFoundByTheAddressItCallsFrom, where it was not enrolled with its prefixes.
func TestAHomeIsFoundByTheAddressItCallsFrom(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"))
	home.up(t)
	p.homeIs("h", "up")
	var refused struct{ Detail, Member string }
	p.call("POST", "requests", `{"source":"192.0.2.200","target":"198.51.100.7"}`, http.StatusUnprocessableEntity, &refused)
	if refused.Member != "source" || !strings.Contains(refused.Detail, "enrol") {
		t.Errorf("a source of nobody is refused with %+v", refused)
	}
	p.call("POST", "homes", `{"id":"x","prefixes":["203.0.113.0/24"]}`, http.StatusCreated, nil)
	p.call("POST", "homes", `{"id":"y","prefixes":["203.0.113.0/24","2001:db8:7::/56"]}`, http.StatusCreated, nil)
	p.call("POST", "requests", `{"source":"203.0.113.4","target":"198.51.100.7"}`, http.StatusUnprocessableEntity, &refused)
	if !strings.Contains(refused.Detail, "several homes") {
		t.Errorf("a source of two homes is refused with %+v", refused)
	}
	if r := p.ask(`{"source":"[2001:db8:7::1]:443","target":"2001:db8:9::9"}`); r.Home != "y" {
		t.Errorf("a source in a home's prefix is of %s", r.Home)
	}
}

// TestASessionIsFollowedOverTLS, which is how homes call where UDP does not pass.
func TestASessionIsFollowedOverTLS(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	r := p.ask(`{"home":"h",` + attack + `,"lifetime":"10m"}`)
	c.takeRequest(t, wire.Created, wire.InProgress)
	p.becomes(r.ID, "sent")
	c.close()
	p.homeIs("h", "away")
	var withdrawn answer
	if p.call("DELETE", "requests/"+r.ID, "", http.StatusOK, &withdrawn); withdrawn.State != "sent" || withdrawn.Why == nil || !strings.Contains(*withdrawn.Why, "still has to hear") {
		t.Errorf("withdrawn while the home is away it is %+v", withdrawn)
	}
}

// TestAfterAnOlderCopyNumbersGoOn where the home has them, which takes none twice.
func TestAfterAnOlderCopyNumbersGoOn(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	mid, seconds := uint32(41), int64(600)
	held := wire.EncodeReports(wire.Report{MID: &mid, Lifetime: &seconds, Status: wire.Mitigated})
	for asked := 0; asked < 2; { // it comes in two blocks
		m := c.receive(t)
		path, err := wire.ParsePath(m.Path())
		if err != nil || path.Operation != wire.Mitigate || m.Code != coap.GET || path.MID != nil {
			continue
		}
		answer := coap.Message{Code: coap.Code(wire.Content), Token: m.Token, Payload: held[:5], Options: []coap.Option{coap.Number(coap.Block2, 0<<4|1<<3|6)}}
		if block, there := m.Option(coap.Block2); there {
			if number, _ := block.Uint(); number != 1<<4|6 {
				t.Errorf("after the first block %d is asked for", number)
			}
			answer.Payload, answer.Options = held[5:], []coap.Option{coap.Number(coap.Block2, 1<<4|6)}
		}
		c.send(t, answer)
		asked++
	}
	beat := coap.Message{Code: coap.PUT, Token: []byte("after"), Payload: wire.EncodeHeartbeat(true)}
	beat.SetPath(wire.Path{Operation: wire.Hb}.Segments())
	for c.send(t, beat); string(c.receive(t).Token) != "after"; {
		continue
	}
	if r := p.ask(`{"home":"h",` + attack + `}`); r.MID != 42 {
		t.Errorf("the next request is %+v, want 42", r)
	}
}

// TestAskedAgainItIsTheSameRequest: who repeats a call whose answer was lost changes nothing, and who asks for more time
// gives it to the mitigation that is in force, in place of one that begins anew.
func TestAskedAgainItIsTheSameRequest(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"))
	home.up(t)
	first := p.ask(`{"home":"h",` + attack + `,"lifetime":"1h"}`)
	home.Update(home.asked(t).Key, wire.State{Status: wire.Mitigated})
	p.becomes(first.ID, "active")

	var again answer
	p.call("POST", "requests", `{"home":"h",`+attack+`,"lifetime":"1h"}`, http.StatusOK, &again)
	if again.ID != first.ID {
		t.Errorf("the same again is %+v", again)
	}
	p.call("POST", "requests", `{"home":"h",`+attack+`,"lifetime":"3h"}`, http.StatusOK, &again)
	if again.ID != first.ID || again.Lifetime != "3h" || again.State != "active" {
		t.Errorf("for longer it is %+v", again)
	}
	if e := home.asked(t); e.MID != first.MID || e.Request.Lifetime < 3*3600-10 { // the repeated call above is not heard of
		t.Errorf("the home hears %+v", e)
	}
	if got := p.becomes(first.ID, "active"); *got.Status != int(wire.Mitigated) {
		t.Errorf("then it is %+v", got)
	}
	other := p.ask(`{"home":"h","source":["203.0.113.20:40000-40127"],"target":["198.51.100.7:53/tcp"]}`)
	if got := p.becomes(first.ID, "withdrawn"); got.Why == nil || !strings.Contains(*got.Why, other.ID) {
		t.Errorf("what a later request took the place of is told as %+v", got)
	}
}

// TestMoreTimeReachesAHomeThatHasYetToAnswer: what it is asked from then on is the longer request.
func TestMoreTimeReachesAHomeThatHasYetToAnswer(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	c := callTLS(t, p, p.enrol("h"))
	p.homeIs("h", "up")
	r := p.ask(`{"home":"h",` + attack + `,"lifetime":"1h"}`)
	for put := 0; put < 2; {
		m := c.receive(t)
		if m.Code != coap.PUT || m.Payload == nil {
			continue
		}
		path, _ := wire.ParsePath(m.Path())
		if path.Operation != wire.Mitigate {
			continue
		}
		asked, err := wire.DecodeRequest(m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if put++; put == 1 {
			p.call("POST", "requests", `{"home":"h",`+attack+`,"lifetime":"3h"}`, http.StatusOK, nil)
			continue
		}
		if asked.Lifetime < 3*3600-10 {
			t.Errorf("the home is then asked for %d s", asked.Lifetime)
		}
		c.send(t, coap.Message{Code: coap.Code(wire.Created), Token: m.Token, Payload: wire.EncodeReports(wire.Report{MID: path.MID, Lifetime: &asked.Lifetime, Status: wire.Mitigated})})
	}
	if got := p.becomes(r.ID, "active"); got.Lifetime != "3h" {
		t.Errorf("then it is %+v", got)
	}
}

// TestWhatAHomeCouldNotDoIsAskedForAnew: it may know the device by now.
func TestWhatAHomeCouldNotDoIsAskedForAnew(t *testing.T) {
	p := startProvider(t, t.TempDir(), 0)
	home := settle(t, p.enrol("h"))
	home.up(t)
	first := p.ask(`{"home":"h",` + attack + `}`)
	home.Update(home.asked(t).Key, wire.State{Status: wire.Exceeded})
	eventually(t, "word that it cannot", func() bool {
		got := p.becomes(first.ID, "sent")
		return got.Why != nil && strings.Contains(*got.Why, "cannot")
	})
	if second := p.ask(`{"home":"h",` + attack + `}`); second.ID == first.ID || home.asked(t).MID != second.MID {
		t.Errorf("asked again it is %+v", second)
	}
}
