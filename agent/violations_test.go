package agent

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/agent/events"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// told is an answer of the router to a device.
func told(mac packet.MAC, name, addr string) names.Answer {
	return names.Answer{Device: mac, Router: true, Name: name, Hosts: []names.Host{{Addr: netip.MustParseAddr(addr), TTL: time.Hour}}}
}

func TestTheFirewallLearnsWhatADeviceIsTold(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		k := b.describe(macOf(0), shelf.Enforce)
		b.home.learner.hear(told(macOf(0), "up.cam.example", "198.51.100.7"))
		b.home.learner.hear(told(macOf(0), "bank.example", "198.51.100.8"))
		b.home.learner.hear(told(macOf(1), "up.cam.example", "198.51.100.9"))
		time.Sleep(time.Second)
		if got := k.all(); got != "up.cam.example 198.51.100.7 1h10m0s" {
			t.Errorf("learned %q", got)
		}
	})
}

// TestADeviceThatAnswersInPlaceOfAServer of the home teaches nothing.
func TestADeviceThatAnswersInPlaceOfAServer(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		var resolver netip.Addr
		b.loop(func() {
			d, _ := b.registry.Get(macOf(1))
			resolver = d.Addresses[0]
			b.handed.Adopt([]netip.Addr{resolver}, nil)
		})
		k := b.describe(macOf(0), shelf.Enforce)
		for addr, sender := range map[string]packet.MAC{"198.51.100.7": macOf(1), "198.51.100.9": macOf(0)} {
			a := told(macOf(0), "up.cam.example", addr)
			a.Router, a.Asked, a.Server, a.Sender, a.Link = false, true, resolver, sender, b.net.Indexes[0]
			b.home.learner.hear(a)
		}
		time.Sleep(time.Second)
		if got := k.all(); got != "up.cam.example 198.51.100.7 1h10m0s" {
			t.Errorf("learned %q", got)
		}
	})
}

func TestNamesOfAnEarlierRunComeWithTheProfileAndThenEnd(t *testing.T) {
	namesComeWithTheProfile(t, "20m0s", func(b bubble) {
		b.loop(func() {
			b.remembered.saved = &savedParties{Names: map[string]map[netip.Addr]time.Duration{
				"up.cam.example": {netip.MustParseAddr("198.51.100.7"): 20 * time.Minute},
			}}
		})
	})
}

// TestWhatADeviceWasToldBeforeComesWithItsProfile, so that its connections go on; what another was told does not.
func TestWhatADeviceWasToldBeforeComesWithItsProfile(t *testing.T) {
	namesComeWithTheProfile(t, "1h10m0s", func(b bubble) {
		b.learns()
		b.home.learner.hear(told(macOf(0), "up.cam.example", "198.51.100.7"))
		b.home.learner.hear(told(macOf(1), "up.cam.example", "198.51.100.9"))
		time.Sleep(time.Second)
	})
}

func namesComeWithTheProfile(t *testing.T, left string, before func(b bubble)) {
	t.Helper()
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		up := mud.Endpoint{Kind: mud.Name, Name: "up.cam.example"}
		before(b)
		var first firewall.Profile
		b.kernel.set(func() {
			b.kernel.refuse = func(s firewall.State) error {
				if len(s.Profiles) > 0 && first.Sets == nil {
					first = s.Profiles[0]
				}
				return nil
			}
		})
		k := b.describe(macOf(0), shelf.Enforce)
		var began firewall.Profile
		b.kernel.set(func() { began = first })
		if got := fmt.Sprint(began.Sets[up].Prefixes); got != "[198.51.100.7/32]" {
			t.Errorf("the first rules have the name as %s", got)
		}
		if got := k.all(); got != "up.cam.example 198.51.100.7 "+left {
			t.Errorf("then it was learned as %q", got)
		}
		if p, ok := b.held(macOf(0)); !ok || len(p.Sets[up].Prefixes) != 0 {
			t.Errorf("at last the rules have it for ever: %v", p.Sets[up])
		}
	})
}

// broke is a packet of a device that its description does not allow.
func broke(b bubble, mac packet.MAC, mode firewall.ProfileMode, to string, port uint16) *packet.Packet {
	return &packet.Packet{
		Time: b.now(), EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoTCP, Src: netip.MustParseAddr("192.168.1.10"),
		Dst: netip.MustParseAddr(to), DstPort: port, Word: fmt.Sprintf("mud %012x from-device %s", mac[:], mode),
	}
}

// mudEvents are the texts of the events about descriptions.
func (b bubble) mudEvents() (texts []string) {
	b.loop(func() {
		list, _ := b.events.Since(0, events.Limit)
		for _, e := range list {
			if e.Cause == "mud" {
				texts = append(texts, e.Text.String())
			}
		}
	})
	return texts
}

func TestWhatADescriptionDoesNotAllowIsExplained(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		for range 100 {
			b.violations.violated(broke(b, macOf(0), firewall.Enforce, "203.0.113.9", 23))
		}
		time.Sleep(5 * time.Second)
		want := macOf(0).String() + " tried to reach telnet, TCP port 23, on 203.0.113.9, which was refused: " +
			"its description allows only up.cam.example, controllers of the class \"https://lumen.example/controllers\", its own controllers and 1 more"
		if got := b.mudEvents(); !slices.Equal(got, []string{want}) {
			t.Errorf("events %q, want %q", got, want)
		}
	})
}

// TestABreachIsActedOn where the owner wants that, though it is judged two seconds after its packet.
func TestABreachIsActedOn(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.acting(-1, cutWarnings)
		b.describe(macOf(0), shelf.Watch)
		time.Sleep(300 * time.Millisecond)
		b.violations.violated(broke(b, macOf(0), firewall.Watch, "203.0.113.9", 22))
		time.Sleep(5 * time.Second)
		if d, _ := b.Device(b.Context(), macOf(0).String()); d.Quarantine == nil || d.Quarantine.Source != "anomaly" {
			t.Errorf("it is under %+v, findings %+v", d.Quarantine, d.Findings)
		}
	})
}

// TestWithWhomADeviceGoesBeyondItsDescription is told with the device, by the owner that the stream has, though nothing
// of it passed; and for an hour.
func TestWithWhomADeviceGoesBeyondItsDescription(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		var peer netip.Addr
		b.loop(func() { d, _ := b.registry.Get(macOf(1)); peer = d.Addresses[0] })
		for _, to := range []string{"203.0.113.9", peer.String(), "239.255.255.250"} {
			b.violations.violated(broke(b, macOf(0), firewall.Enforce, to, 23))
		}
		time.Sleep(5 * time.Second)
		beyond := func() (parties string) {
			b.loop(func() {
				d, _ := b.device(macOf(0))
				list, err := json.Marshal(d.MUD.Beyond)
				parties = fmt.Sprint(string(list), err)
			})
			return parties
		}
		want := fmt.Sprintf(`[{"owner":null,"peer":"%s"},{"owner":"203.0.113.9","peer":null}]<nil>`, macOf(1))
		if got := beyond(); got != want {
			t.Errorf("beyond is %s, want %s", got, want)
		}
		b.loop(func() {
			pairs, owners := slices.Collect(b.streamPairs), slices.Collect(b.streamOwners)
			if len(pairs) != 1 || owners[0].Name != "203.0.113.9" {
				t.Errorf("the picture has %+v, %+v", owners, pairs)
			}
		})
		time.Sleep(beyondFor + shownFor)
		if got := beyond(); got != "[]<nil>" {
			t.Errorf("an hour later beyond is %s", got)
		}
	})
}

// TestWhatADeviceUsesOfItsDescription is told line by line, from when its rules were first counted.
func TestWhatADeviceUsesOfItsDescription(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Watch)
		var policy mud.Policy
		b.loop(func() { policy, _ = b.heldTo(macOf(0)) })
		count := func(first uint64) {
			c := firewall.ProfileCounters{From: make([]firewall.Count, len(policy.From)), To: make([]firewall.Count, len(policy.To))}
			c.From[0].Packets = first
			b.violations.countC.put(map[[6]byte]firewall.ProfileCounters{macOf(0): c})
			time.Sleep(breachInterval)
		}
		uses := func() (m ui.MUD) {
			b.loop(func() { m = b.uiMUD(macOf(0)) })
			return m
		}
		if m := uses(); len(m.Uses) != 0 || m.UsesSince != nil {
			t.Errorf("before it is counted it used %+v", m.Uses)
		}
		began := b.now()
		count(0)
		if m := uses(); len(m.Uses) != len(m.Policy)-1 || m.Uses[0].Count != 0 || m.Uses[0].Last != nil || m.UsesSince.Sub(began).Abs() > time.Second {
			t.Errorf("at first it used %+v since %v", m.Uses, m.UsesSince)
		}
		used := b.now()
		count(7)
		count(7)
		m := uses()
		if u := m.Uses[0]; u.Text != m.Policy[0] || u.Count != 7 || u.Last.Sub(used).Abs() > time.Second || m.Uses[1].Count != 0 {
			t.Errorf("then it used %+v", m.Uses)
		}
		count(3)
		if m := uses(); m.Uses[0].Count != 3 || m.UsesSince.Sub(began) < 3*breachInterval {
			t.Errorf("of another policy it used %+v since %v", m.Uses, m.UsesSince)
		}
	})
}

// TestAPacketThatNoNameAllowsIsABreach also right when its target was named: that name is for something else.
func TestAPacketThatNoNameAllowsIsABreach(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		b.home.learner.hear(told(macOf(0), "up.cam.example", "198.51.100.7"))
		b.violations.violated(broke(b, macOf(0), firewall.Enforce, "198.51.100.7", 23))
		time.Sleep(5 * time.Second)
		if got := b.mudEvents(); len(got) != 1 {
			t.Errorf("events %q, want one of telnet", got)
		}
	})
}

func TestAFirstPacketThatCameBeforeItsNameWasLearnedIsNoBreach(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		b.violations.violated(broke(b, macOf(0), firewall.Enforce, "198.51.100.7", 443))
		b.home.learner.hear(told(macOf(0), "up.cam.example", "198.51.100.7"))
		time.Sleep(5 * time.Second)
		if got := b.mudEvents(); got != nil {
			t.Errorf("events %q", got)
		}
		b.loop(func() {
			if b.violations.late != 1 {
				t.Errorf("%d late packets", b.violations.late)
			}
			counted := firewall.ProfileCounters{From: make([]firewall.Count, 1), RefusedFrom: firewall.Count{Packets: 3}}
			b.violations.count(b.now(), map[[6]byte]firewall.ProfileCounters{macOf(0): counted})
			if n := b.refusedBy(macOf(0)); n != 2 {
				t.Errorf("%d of 3 packets were not allowed, want those that were not late", n)
			}
		})
	})
}
