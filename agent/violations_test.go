package agent

import (
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

func TestNamesOfAnEarlierRunComeWithTheProfileAndThenEnd(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		up := mud.Endpoint{Kind: mud.Name, Name: "up.cam.example"}
		b.loop(func() {
			b.remembered.saved = &savedParties{Names: map[string]map[netip.Addr]time.Duration{
				"up.cam.example": {netip.MustParseAddr("198.51.100.7"): 20 * time.Minute},
			}}
		})
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
		if got := k.all(); got != "up.cam.example 198.51.100.7 20m0s" {
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
				texts = append(texts, e.Text)
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
		})
	})
}
