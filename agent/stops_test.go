package agent

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/ui"
)

// TestWhatAQuarantineStopsIsRefused: what began under it and got no answer; not what it lets pass, nor what went on
// before.
func TestWhatAQuarantineStopsIsRefused(t *testing.T) {
	router := packet.MAC{2, 0, 0, 0, 1, 1}
	for name, c := range map[string]struct {
		order                       ui.QuarantineOrder
		internet, other, router, in string // states
	}{
		"flow":     {ui.QuarantineOrder{Level: "flow", To: []string{"198.51.100.7:9/udp"}}, "refused", "live", "live", "live"},
		"internet": {ui.QuarantineOrder{Level: "internet"}, "refused", "refused", "refused", "live"},
		"full":     {ui.QuarantineOrder{Level: "full"}, "refused", "refused", "refused", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 2, &fakeKernel{}, func(b bubble) {
				send := func(to packet.MAC, remote string, port uint16) {
					b.table.Add(&packet.Packet{
						Time: b.now(), In: 3, SrcMAC: macOf(0), DstMAC: to, EtherType: packet.EtherTypeIPv4,
						Src: netip.MustParseAddr("192.168.1.10"), Dst: netip.MustParseAddr(remote),
						Proto: packet.ProtoUDP, SrcPort: 5000, DstPort: port, Length: 100,
					})
				}
				send(router, "198.51.100.7", 8)
				time.Sleep(time.Second)
				if _, err := b.Quarantine(b.Context(), macOf(0).String(), c.order); err != nil {
					b.Fatal(err)
				}
				time.Sleep(time.Second)
				send(router, "198.51.100.7", 9)
				send(router, "198.51.100.8", 9)
				send(router, "192.168.1.1", 53)
				send(router, "192.168.1.1", 67)
				send(macOf(1), "192.168.1.11", 9)
				want := map[string]string{
					"198.51.100.7:8": "live", "198.51.100.7:9": c.internet, "198.51.100.8:9": c.other,
					"192.168.1.1:53": c.router, "192.168.1.1:67": "live", "192.168.1.11:9": c.in,
				}
				found, _, err := b.Flows(b.Context(), ui.FlowQuery{Limit: 10})
				if err != nil {
					b.Fatal(err)
				}
				for f, err := range found {
					far := netip.AddrPortFrom(netip.MustParseAddr(*f.Remote), *f.RemotePort).String()
					if err != nil || f.State != want[far] {
						b.Errorf("to %s: %s, %v, want %s", far, f.State, err, want[far])
					}
					delete(want, far)
				}
				if len(want) > 0 {
					b.Errorf("not listed: %v", want)
				}
			})
		})
	}
}
