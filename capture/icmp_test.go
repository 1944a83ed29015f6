package capture

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestTheTypeOfICMPThatADeviceSends comes from its packets or from conntrack, and is not told where it sent several.
func TestTheTypeOfICMPThatADeviceSends(t *testing.T) {
	far := netip.MustParseAddr("198.51.100.7")
	sends := func(typ uint8) func(*Table) {
		return func(table *Table) {
			table.Add(udp(camAddr, 0, far, 0, macs(cam, gateway), func(p *packet.Packet) { p.Proto, p.ICMPType = packet.ProtoICMP, typ }))
		}
	}
	counted := func(initiator, responder netip.Addr, typ uint8) func(*Table) {
		return func(table *Table) {
			table.Account(&Counted{
				Initiator: netip.AddrPortFrom(initiator, 0), Responder: netip.AddrPortFrom(responder, 0), Protocol: packet.ProtoICMP,
				ICMPType: typ, Sent: Volume{1, 84}, Answered: Volume{1, 84}, Time: start.Add(time.Second),
			})
		}
	}
	for name, c := range map[string]struct {
		told  []func(*Table)
		typ   uint8
		known bool
	}{
		"a packet":             {[]func(*Table){sends(8)}, 8, true},
		"the type 0":           {[]func(*Table){sends(0)}, 0, true},
		"the same again":       {[]func(*Table){sends(8), counted(camAddr, far, 8), sends(8)}, 8, true},
		"two types":            {[]func(*Table){sends(8), counted(camAddr, far, 13)}, 0, false},
		"two types, and one":   {[]func(*Table){sends(8), sends(13), sends(8)}, 0, false},
		"what others ask it":   {[]func(*Table){sends(8), counted(far, camAddr, 13)}, 8, true},
		"neighbours beside it": {[]func(*Table){sends(136), sends(135), sends(8), sends(135)}, 8, true},
		"neighbours alone":     {[]func(*Table){sends(136), sends(135)}, 135, true},
		"the highest there is": {[]func(*Table){sends(255)}, 255, true},
	} {
		table := tableOf(wireHome())
		table.SetVolumes(FromConntrack)
		for _, tell := range c.told {
			tell(table)
		}
		flows := table.AppendFlows(nil, nil)
		if len(flows) != 1 {
			t.Fatalf("%s: flows %+v", name, flows)
		}
		if typ, known := flows[0].ICMP.Type(); known != c.known || known && typ != c.typ {
			t.Errorf("%s: type %d, %v; want %d, %v", name, typ, known, c.typ, c.known)
		}
	}
}
