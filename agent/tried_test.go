package agent

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"spinneret/agent/traffic"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// handed is a source of packets that are there already.
type handed []packet.Packet

func (h handed) Run(_ context.Context, fn func(*packet.Packet)) error {
	for i := range h {
		fn(&h[i])
	}
	return nil
}

// TestWhatACutDeviceTriesIsListedAndNothingElse: no sum, rate, finding or proof has it, and its far end is on the map.
func TestWhatACutDeviceTriesIsListedAndNothingElse(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.names.Learn(names.Name{Device: macOf(0), Addr: shop, Name: "shop.example.net", Source: "dns", At: b.now()})
		b.speaks(0, b.now())
		time.Sleep(time.Second)
		if _, err := b.cut(0, ui.QuarantineOrder{}); err != nil {
			b.Fatal(err)
		}
		time.Sleep(2 * witnessPause)
		before, err := b.Device(b.Context(), macOf(0).String())
		if err != nil {
			b.Fatal(err)
		}
		try := func(to string, proto uint8, port uint16, icmp uint8) packet.Packet {
			return packet.Packet{
				Time: b.now(), SrcMAC: macOf(0), EtherType: packet.EtherTypeIPv4, Src: netip.MustParseAddr("192.168.1.10"),
				Dst: netip.MustParseAddr(to), Proto: proto, SrcPort: 5000, DstPort: port, ICMPType: icmp, Length: 100,
			}
		}
		rest := try(shop.String(), packet.ProtoUDP, 0, 0)
		rest.Fragment, rest.FragOffset = true, 1480
		err = b.hearTries(b.Context(), handed{
			try(shop.String(), packet.ProtoTCP, 443, 0), try(shop.String(), packet.ProtoTCP, 443, 0), rest,
			try("203.0.113.99", packet.ProtoTCP, 23, 0), try("192.168.1.1", packet.ProtoUDP, 53, 0), try("192.168.1.11", packet.ProtoUDP, 9, 0),
			try("192.168.1.1", packet.ProtoUDP, 67, 0), try("fd00:1::1", packet.ProtoICMPv6, 0, 135),
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		b.listsTries(map[string]string{shop.String(): "internet", "203.0.113.99": "internet", "192.168.1.1": "router", "192.168.1.11": "lan"})
		after, err := b.Device(b.Context(), macOf(0).String())
		if err != nil || after.TxBytes != before.TxBytes || after.TxPackets != before.TxPackets || after.Quarantine.PassedPackets > 0 || len(after.Findings) > 0 {
			b.Errorf("the device is %+v, %v, and was %+v", after, err, before)
		}
		var rows []traffic.Endpoint
		if err := b.do(b.Context(), func() { rows, _ = b.traffic.Focus(macOf(0), 10) }); err != nil {
			b.Fatal(err)
		}
		if len(rows) != 1 || rows[0].Remote != shop || rows[0].TxRate != 0 || !rows[0].Last.After(b.now().Add(-3*time.Second)) {
			b.Errorf("the page shows %+v", rows)
		}
	})
}

// listsTries wants the tries of the first device to be these, by their far ends' scopes.
func (b bubble) listsTries(want map[string]string) {
	b.Helper()
	found, _, err := b.Flows(b.Context(), ui.FlowQuery{Device: macOf(0).String(), Limit: 10})
	if err != nil {
		b.Fatal(err)
	}
	for f, err := range found {
		if err != nil {
			b.Fatal(err)
		}
		if f.State != "refused" {
			continue // from before
		}
		if *f.Device != macOf(0).String() || f.Direction != "out" || f.Scope != want[*f.Remote] || f.RxPackets != 0 {
			b.Errorf("it lists %+v", f)
		}
		if *f.Remote == shop.String() && (*f.Name != "shop.example.net" || f.TxPackets != 2 || *f.Port != 443) {
			b.Errorf("it lists %+v", f)
		}
		if f.Scope == "lan" && (f.Peer == nil || *f.Peer != macOf(1).String()) {
			b.Errorf("its peer is %v", f.Peer)
		}
		delete(want, *f.Remote)
	}
	if len(want) > 0 {
		b.Errorf("not listed: %v", want)
	}
}
