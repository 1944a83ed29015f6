package firewall

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab"
)

const experimental = 0x88b5 // IEEE 802: for local experiments

// insideOf sums up what passed, by words that name sender, receiver and kind.
func insideOf(t *testing.T, h *house, sums map[string]Count) {
	t.Helper()
	err := h.firewall.Passed(t.Context(), func(p Passed) {
		name := fmt.Sprintf("%x to %x %#04x", p.Src[5], p.Dst[5], p.EtherType)
		if p.Dst[0]&1 != 0 {
			name = fmt.Sprintf("%x to a group %#04x", p.Src[5], p.EtherType)
		}
		if p.SrcAddr.IsValid() {
			name += fmt.Sprintf(" %d port %d", p.Protocol, p.DstPort)
		}
		sum := sums[name]
		sum.add(p.Count)
		sums[name] = sum
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatPassesInsideIsCountedOnce(t *testing.T) {
	for _, bridged := range []bool{false, true} {
		t.Run(fmt.Sprintf("bridge-nf-call-iptables %v", bridged), func(t *testing.T) {
			h := startHouse(t, lab.Options{BridgeNF: bridged})
			state := h.state()
			state.Log.Inside = 12
			apply(t, h.firewall, state)
			frames := listen(t, h.Router(), state.Log.Inside)
			sums := map[string]Count{}
			const each = 10
			send := func() { sendInside(t, h, each) }
			send()
			eventually(t, "the first frame is logged", func() bool { return len(frames.with("0123456789")) > 0 })
			insideOf(t, h, sums)
			insideOf(t, h, sums) // nothing is told twice

			state.Quarantines = []Quarantine{{ID: "q1", MAC: mac(t, h.tv), Level: Internet}}
			send()
			apply(t, h.firewall, state) // and nothing is lost where the tables are made anew
			send()
			eventually(t, "all is counted", func() bool {
				insideOf(t, h, sums)
				return sums["1 to a group 0x88b5"].Packets >= 3*each
			})
			want := map[string]Count{
				"2 to 3 0x0800 17 port 9000":       {3 * each, 3 * each * 38},
				"2 to 3 0x86dd 17 port 9001":       {3 * each, 3 * each * 58},
				"2 to a group 0x0800 17 port 9002": {3 * each, 3 * each * 38},
				"1 to 3 0x88b5":                    {3 * each, 3 * each * 114},
				"1 to a group 0x88b5":              {3 * each, 3 * each * 114},
			}
			got := map[string]Count{}
			for name := range want {
				got[name] = sums[name]
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("inside (-want +got):\n%s\nall: %v", d, sums)
			}
			for name := range sums {
				if bytes.Contains([]byte(name), []byte("port 9003")) {
					t.Errorf("what is for the router is counted inside: %s", name)
				}
			}
		})
	}
}

// sendInside sends so many of each: datagrams to a device, to a group and to the router, and frames without IP.
func sendInside(t *testing.T, h *house, each int) {
	t.Helper()
	for range each {
		for _, to := range []netip.AddrPort{
			port(h.tv.IPv4(), 9000), port(h.tv.IPv6(), 9001), netip.MustParseAddrPort("192.168.1.255:9002"), port(h.router4, 9003),
		} {
			datagram(t, h.laptop.NS, to, "0123456789")
		}
		frame := lab.Ethernet(lab.MAC(mac(t, h.tv)), lab.MAC(mac(t, h.cam)), experimental, bytes.Repeat([]byte{1}, 100))
		if err := h.cam.SendFrame(frame); err != nil {
			t.Fatal(err)
		}
		copy(frame, lab.Broadcast[:])
		if err := h.cam.SendFrame(frame); err != nil {
			t.Fatal(err)
		}
	}
}

// TestForgedFramesLeaveRoomForOthers: one port invents MACs and types as fast as it can.
func TestForgedFramesLeaveRoomForOthers(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state()
	state.Log.Inside = 12
	apply(t, h.firewall, state)
	frames := listen(t, h.Router(), state.Log.Inside)
	const forged = 2000
	wire, err := h.cam.NS.OpenRaw("eth0")
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	for i := range forged {
		frame := lab.Ethernet(lab.Broadcast, lab.MAC{2, 9, 9, 0, byte(i >> 8), byte(i)}, 0x8000|uint16(i), []byte("forged"))
		if err := wire.Send(frame); err != nil {
			t.Fatal(err)
		}
	}
	honest := lab.Ethernet(lab.MAC(mac(t, h.tv)), lab.MAC(mac(t, h.laptop)), experimental, []byte("honest"))
	if err := h.laptop.SendFrame(honest); err != nil {
		t.Fatal(err)
	}
	sums := map[string]Count{}
	eventually(t, "the honest frame is counted", func() bool {
		insideOf(t, h, sums)
		return sums["2 to 3 0x88b5"].Packets == 1
	})
	missed := h.counters(t).Missed.Packets
	frames.mu.Lock()
	logged := len(frames.packets)
	frames.mu.Unlock()
	if missed < forged*3/4 || missed > forged || logged > forged/4 {
		t.Errorf("of %d forged frames %d were missed and %d logged", forged, missed, logged)
	}
}

func TestTryInsideLeavesNothing(t *testing.T) {
	ns := newNS(t)
	f := open(t, ns)
	before := listing(t, ns)
	if err := f.TryInside(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, listing(t, ns)); d != "" {
		t.Errorf("it left something (-before +after):\n%s", d)
	}
}

func TestCutOffAttributesEndTheWalk(t *testing.T) {
	for _, b := range [][]byte{nil, {8, 0, 1}, {3, 0, 1, 0}, {9, 0, 1, 0, 1, 2, 3, 4}, {0, 0, 0, 0}} {
		for typ := range walk(b) {
			t.Errorf("%v: attribute %d", b, typ)
		}
	}
}
