package hello

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// begun is the first part of a hello, and rest the other one, of the n-th flow of a device.
func begun(hello []byte, mac byte, n int) (first, rest *packet.Packet) {
	first, rest = segment(100, hello[:200]), segment(300, hello[200:])
	for _, p := range []*packet.Packet{first, rest} {
		p.SrcMAC = packet.MAC{2, 0, 0, 0, 1, mac}
		p.Src = netip.AddrFrom4([4]byte{192, 168, 1, mac})
		p.SrcPort = uint16(n)
	}
	return first, rest
}

func TestDeviceThatFloodsDisplacesOnlyItsOwn(t *testing.T) {
	hello := recorded(t, nil)
	for name, hide := range map[string]func(*packet.Packet){
		"by MAC":     func(*packet.Packet) {},
		"by address": func(p *packet.Packet) { p.SrcMAC = packet.MAC{} },
	} {
		r := NewReaderWith(Limits{Flows: 16, PerDevice: 4, Bytes: 1 << 20})
		first, rest := begun(hello, 1, 1)
		hide(first)
		hide(rest)
		feed(r, first)
		for n := range 1000 {
			flood, _ := begun(hello, 2, n)
			hide(flood)
			feed(r, flood)
		}
		if s := r.Stores()[0]; s.Used != 5 || s.Evicted != 996 {
			t.Errorf("%s: %+v, want 5 used and 996 evicted", name, s)
		}
		want(t, feed(r, rest), camSNI)
	}
}

func TestOldestMakesRoom(t *testing.T) {
	hello := recorded(t, nil)
	r := NewReaderWith(Limits{Flows: 3, PerDevice: 3, Bytes: 1 << 20})
	var rests []*packet.Packet
	for mac := range byte(4) {
		first, rest := begun(hello, mac, 1)
		rests = append(rests, rest)
		feed(r, first)
	}
	want(t, feed(r, rests[1:]...), camSNI, camSNI, camSNI)
	if s := r.Stores()[0]; s.Used != 0 || s.Limit != 3 || s.Evicted != 1 {
		t.Errorf("%+v, want none used and one evicted", s)
	}
}

func TestBytesAreBounded(t *testing.T) {
	const limit = 100 << 10
	r := NewReaderWith(Limits{Flows: 1000, PerDevice: 1000, Bytes: limit})
	for n := range 200 {
		p := syn(99)
		p.SrcPort = uint16(n)
		far := segment(100+maxHeld-100, make([]byte, 5000)) // the last bytes of the window, and beyond
		far.SrcPort = uint16(n)
		feed(r, p, far)
		if used := r.flows.bytes; used > limit || used < 0 {
			t.Fatalf("%d bytes are held, want at most %d", used, limit)
		}
		for e := r.flows.order.Front(); e != nil; e = e.Next() {
			if size := e.Value.(*flow).parts.size(); size > 18<<10 {
				t.Fatalf("one flow holds %d bytes", size)
			}
		}
	}
	if s := r.Stores()[1]; s.Limit != limit || s.Evicted == 0 {
		t.Errorf("%+v, want evictions", s)
	}
}

func TestFlowIsGivenUp(t *testing.T) {
	hello := recorded(t, nil)
	endless := func(payload []byte, step uint32) func(*Reader) {
		return func(r *Reader) {
			feed(r, segment(100, hello[:200]))
			for i := range uint32(2 * maxHeld / 100) {
				feed(r, segment(300+i*step, payload))
			}
		}
	}
	for name, attack := range map[string]func(*Reader){
		"after repeats without end": endless(make([]byte, 100), 0),
		"after a hello without end": func(r *Reader) {
			b := append([]byte("GET / HTTP/1.1\r\n"), make([]byte, maxHeld)...)
			feed(r, cut(100, b, 1000)...)
		},
		"with a reset of the connection by a new one": func(r *Reader) { feed(r, segment(100, hello[:200]), syn(5000)) },
		"after an upload whose beginning was not seen": func(r *Reader) {
			feed(r, cut(100, make([]byte, 2*maxHeld+1000), 1000)...)
		},
	} {
		r := NewReader()
		attack(r)
		if used := r.Stores()[0].Used; used != 0 {
			t.Errorf("%s: %d flows are held", name, used)
		}
	}
}

func TestPartsThatStayAloneAreForgotten(t *testing.T) {
	hello := recorded(t, nil)
	for _, jump := range []time.Duration{waitTime + time.Second, -50 * 365 * 24 * time.Hour} {
		r := NewReader()
		first, _ := begun(hello, 1, 1)
		feed(r, first)
		later, _ := begun(hello, 2, 1)
		later.Time = start.Add(jump)
		feed(r, later)
		if s := r.Stores()[0]; s.Used != 1 || s.Evicted != 0 {
			t.Errorf("after %v: %+v, want one used", jump, s)
		}
	}
}

// TestNobodyPutsBytesIntoAnothersHello has a device forge the addresses and ports of another's connection.
func TestNobodyPutsBytesIntoAnothersHello(t *testing.T) {
	hello := recorded(t, nil)
	forged := segment(300, make([]byte, len(hello)))
	forged.SrcMAC = packet.MAC{2, 0, 0, 0, 0, 2}
	want(t, feed(NewReader(), syn(99), segment(100, hello[:200]), forged, segment(300, hello[200:])), camSNI)
}

// TestFloodOfInitialPacketsHoldsNothing sends datagrams that only look like QUIC.
func TestFloodOfInitialPacketsHoldsNothing(t *testing.T) {
	r := NewReader()
	b := append(longBegin(versions[0], 0, sampleID), make([]byte, minDatagram)...)
	binary.BigEndian.PutUint16(b[len(b)-minDatagram+1:], 0x4000|1100)
	for n := range 100 {
		p := udp(b)
		p.SrcPort = uint16(n)
		feed(r, p)
	}
	if s := r.Stores()[0]; s.Used != 0 {
		t.Errorf("%+v, want none used", s)
	}
}
