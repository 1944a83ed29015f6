package tries

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/packet"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// try is a packet of a device to a host of 198.51.100.0/24 or, from 256 on, of the networks behind it.
func try(device byte, host int, from uint16, second int) *packet.Packet {
	return &packet.Packet{
		Time: noon.Add(time.Duration(second) * time.Second), SrcMAC: packet.MAC{2, 0, 0, 0, 0, device}, EtherType: packet.EtherTypeIPv4,
		Src: netip.AddrFrom4([4]byte{192, 168, 1, device}), Dst: netip.AddrFrom4([4]byte{198, 51, byte(100 + host>>8), byte(host)}),
		Proto: packet.ProtoTCP, SrcPort: from, DstPort: 443, Length: 60,
	}
}

func TestPacketsOfOneConversationAreOneFlow(t *testing.T) {
	var b Book
	for second := range 3 {
		b.Add(try(1, 7, 40000, second))
	}
	list := b.Flows(noon)
	if len(list) != 1 {
		t.Fatalf("there are %d", len(list))
	}
	f := list[0]
	if f.TxPackets != 3 || f.TxBytes != 180 || f.RxPackets != 0 || !f.First.Equal(noon) || !f.Last.Equal(noon.Add(2*time.Second)) {
		t.Errorf("it is %+v", f)
	}
	if !f.Refused || !f.Out || f.Port != 443 || f.RemotePort != 443 || f.DevicePort != 40000 {
		t.Errorf("it is %+v", f)
	}
	if b.Sweep(noon.Add(keepFor)); len(b.Flows(noon.Add(2*time.Second))) != 1 || len(b.Flows(noon.Add(3*time.Second))) != 0 {
		t.Error("it is not listed by when it ended")
	}
	if b.Sweep(noon.Add(keepFor + 3*time.Second)); len(b.Flows(noon)) != 0 {
		t.Error("it stays for ever")
	}
}

// Who dials one server again and again shows it a few times, and the latest.
func TestOneServerTakesFewPlaces(t *testing.T) {
	var b Book
	b.Add(try(1, 8, 1, 0))
	for i := range 100 {
		b.Add(try(1, 7, uint16(i+1), i))
	}
	list := b.Flows(noon)
	if len(list) != 1+maxAlike || list[len(list)-1].DevicePort != 100 || b.Stores()[0].Evicted != 0 {
		t.Errorf("there are %d, the last %+v", len(list), list[len(list)-1])
	}
}

// The server is the router mostly; whom it looks for is the name.
func TestEachNameThatDNSIsAskedForIsOneTry(t *testing.T) {
	var b Book
	for i, name := range []string{"Up.cam.example.net.", "ntp.example.", "up.cam.example.net."} {
		question := dnsmessage.Message{Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: 1, Class: 1}}}
		p := try(1, 1, 5000, i)
		p.Proto, p.DstPort = packet.ProtoUDP, dnsPort
		p.Payload, _ = question.Pack()
		b.Add(p)
		p.Payload = p.Payload[:len(p.Payload)-1]
		b.Add(p)
	}
	list := b.Flows(noon)
	if len(list) != 3 || list[0].Asked != "up.cam.example.net" || list[0].TxPackets != 2 || list[2].Asked != "ntp.example" || list[1].Asked != "" || list[1].TxPackets != 3 {
		t.Errorf("they are %+v", list)
	}
}

func TestADeviceThatScansDisplacesItsOwn(t *testing.T) {
	var b Book
	b.Add(try(1, 7, 1, 0))
	for i := range 2 * maxAll {
		b.Add(try(2, i, 1, i))
	}
	list := b.Flows(time.Time{})
	if s := b.Stores()[0]; len(list) != maxAll || s.Used != maxAll || s.Evicted != maxAll+1 || list[0].Device[5] != 1 {
		t.Errorf("%+v, the first of %v", s, list[0].Device)
	}
	b.Forget(packet.MAC{2, 0, 0, 0, 0, 2})
	if list := b.Flows(time.Time{}); len(list) != 1 {
		t.Errorf("after one was forgotten %d are left", len(list))
	}
}
