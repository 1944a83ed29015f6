package firewall

import (
	"slices"
	"testing"
	"time"

	"spinneret/mud"
	"spinneret/openwrt/lab"
)

// What the maker does not allow stays refused while profiles change around it.
func TestAChangeOfProfilesOpensNothingForAMoment(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := h.state()
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	apply(t, h.firewall, s)
	floods := map[string]*hammer{
		"out":    startHammer(t, h.cam.NS, h.Internet(), port(h.server4, 9000)),
		"inside": startHammer(t, h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9000)),
	}
	eventually(t, "they flood", func() bool { return floods["out"].sent.Load() > 1000 && floods["inside"].sent.Load() > 1000 })
	for name, change := range map[string]func(round int){
		"an agent takes over": func(int) { h.takeOver(t, s) },
		"another device gets one": func(round int) {
			next := s
			if round%2 == 0 {
				next.Profiles = append(slices.Clone(s.Profiles), Profile{MAC: mac(t, h.laptop), Mode: Watch})
			}
			apply(t, h.firewall, next)
		},
		"its addresses change": func(round int) {
			next := s
			next.Profiles = slices.Clone(s.Profiles)
			next.Profiles[0].Addresses = h.cam.Addrs()[:1+round%2]
			apply(t, h.firewall, next)
		},
		"a name is learned": func(round int) {
			learn(t, h.firewall, "cloud.example.com", known("203.0.113.1", time.Duration(round+1)*time.Hour), Address{h.server6, 0})
		},
	} {
		before := map[string]uint64{}
		for way, f := range floods {
			before[way] = f.arrived.Load()
		}
		for round := range 12 {
			change(round)
		}
		for way, f := range floods {
			if n := f.arrived.Load() - before[way]; n > 0 {
				t.Errorf("%s: %d packets passed %s", name, n, way)
			}
		}
	}
	for _, f := range floods {
		f.stop()
	}
	h.wantEndOfWhatNobodyAnswers(t)
}

// wantEndOfWhatNobodyAnswers wants the packets of such a connection to pass for as long as the maker allows the first.
func (h *house) wantEndOfWhatNobodyAnswers(t *testing.T) {
	t.Helper()
	s := h.state()
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	s.Profiles[0].Sets[mud.Endpoint{Kind: mud.Name, Name: "late.example.com"}] = members(h.server4.String())
	apply(t, h.firewall, s)
	out := udpStream(t, "to a server that says nothing", h.cam.NS, h.Internet(), port(h.server4, 4000))
	eventually(t, "it passes", func() bool { return out.goesOnFrom(10) })
	s.Profiles = append(s.Profiles, Profile{MAC: mac(t, h.laptop), Mode: Enforce, Addresses: h.laptop.Addrs()})
	last := out.sent.Load()
	apply(t, h.firewall, s)
	eventually(t, "it goes on when another device gets a profile", func() bool { return out.goesOnFrom(last + 50) })
	s.Profiles = slices.Clone(s.Profiles)
	s.Profiles[0].Policy = policy(t, false, "", "")
	apply(t, h.firewall, s)
	last = out.sent.Load()
	eventually(t, "it is refused", func() bool { return h.refused(t, false) > 50 })
	if out.goesOnFrom(last + 1) {
		t.Error("it goes on without its maker's word")
	}
}
