package tap

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// TestWhatIsSentOnArrivesAsItWasSeen over a real link, of both families.
func TestWhatIsSentOnArrivesAsItWasSeen(t *testing.T) {
	router, wire := switched(t)
	var link int32
	var s *Sender
	err := router.Do(func() (err error) {
		bridge, err := net.InterfaceByName("bridge0")
		if err != nil {
			return err
		}
		link = int32(bridge.Index)
		s, err = OpenSender()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, addrs := range [][2]string{{"192.168.1.1", "192.168.1.10"}, {"fd00::1", "fd00::10"}} {
		seen := packet.Packet{
			EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP, SrcPort: 53, DstPort: 4000, Payload: []byte("odd answer to " + addrs[1]),
			Src: netip.MustParseAddr(addrs[0]), Dst: netip.MustParseAddr(addrs[1]),
		}
		seen.Length = uint32(20 + 8 + len(seen.Payload))
		if seen.Src.Is6() {
			seen.EtherType, seen.Length = packet.EtherTypeIPv6, seen.Length+20
		}
		frame := receive(t, wire, seen.Payload, func() error { return s.Send(Datagram(&seen), link, recordedMAC) })
		var got packet.Packet
		if err := got.DecodeEthernet(frame, 0); err != nil || got.DstMAC != recordedMAC || got.Src != seen.Src || got.Dst != seen.Dst ||
			got.SrcPort != 53 || got.DstPort != 4000 || !bytes.Equal(got.Payload, seen.Payload) {
			t.Errorf("arrived as %+v, %v", got, err)
		}
		udp := frame[len(frame)-8-len(seen.Payload):]
		if check := sum(sum(0, udp), pseudoHeader(&seen, len(udp))); check != 0xffff {
			t.Errorf("the sum of what arrived is %04x", check)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Send([]byte{0x45}, link, recordedMAC); err == nil {
		t.Error("something was sent by a socket that is closed")
	}
}

// pseudoHeader is what a receiver sums with the datagram (RFC 768).
func pseudoHeader(p *packet.Packet, length int) []byte {
	b := append(p.Src.AsSlice(), p.Dst.AsSlice()...)
	return append(b, 0, packet.ProtoUDP, byte(length>>8), byte(length))
}

func TestOnlyWholeDatagramsAreMadeAnew(t *testing.T) {
	whole := packet.Packet{
		EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP, Payload: []byte("x"), Length: 29,
		Src: netip.MustParseAddr("192.168.1.1"), Dst: netip.MustParseAddr("192.168.1.10"),
	}
	if Datagram(&whole) == nil {
		t.Fatal("a whole one is refused")
	}
	for what, change := range map[string]func(*packet.Packet){
		"cut short": func(p *packet.Packet) { p.Length = 100 }, "TCP": func(p *packet.Packet) { p.Proto = packet.ProtoTCP },
		"a fragment": func(p *packet.Packet) { p.Fragment = true }, "without addresses": func(p *packet.Packet) { p.Src = netip.Addr{} },
	} {
		p := whole
		if change(&p); Datagram(&p) != nil {
			t.Errorf("%s is made anew", what)
		}
	}
	s := Sender{fd: -1}
	if s.Send(nil, 1, recordedMAC) == nil || s.Send([]byte{0x45}, 1, recordedMAC) == nil {
		t.Error("what cannot be sent is said to be")
	}
}

// receive waits for the frame that ends so. A cable that was just put in loses what is sent at first: so it is sent again.
func receive(t *testing.T, wire *lab.Raw, end []byte, send func() error) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	var sending sync.WaitGroup
	defer sending.Wait()
	defer cancel()
	sending.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if err := send(); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	stop := context.AfterFunc(ctx, func() { wire.Close() })
	defer stop()
	frame := make([]byte, 2048)
	for {
		n, err := wire.Read(frame)
		if err != nil {
			t.Fatalf("it did not arrive: %v", err)
		}
		if bytes.HasSuffix(frame[:n], end) {
			return frame[:n]
		}
	}
}
