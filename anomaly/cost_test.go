package anomaly

import (
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"spinneret/capture"
	"spinneret/capture/packet"
)

func TestADeviceTakesLessThan4kB(t *testing.T) {
	if size := unsafe.Sizeof(device{}); size > 4000 {
		t.Errorf("it takes %d bytes", size)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := New(Config{Devices: 1000})
	for i := range 1000 {
		mac := packet.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)}
		d.Packet(&packet.Packet{Time: monday, SrcMAC: mac, EtherType: packet.EtherTypeIPv4, Src: routerIP, Dst: routerIP}, mac, packet.MAC{})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (after.HeapAlloc - before.HeapAlloc) / 1000; each > 4096 {
		t.Errorf("with its indexes it takes %d bytes", each)
	}
	runtime.KeepAlive(d)
}

// busyHouse has so many flows that all go on.
func busyHouse(flows int) *house {
	h := newHouse()
	for i := range flows {
		f := h.opens(packet.MAC{2, 0, 0, 0, 0, byte(i % 60)}, h.host(strconv.Itoa(i%500)), 443, packet.ProtoTCP)
		h.carries(f, 3, 3000, 3, 3000)
	}
	h.seconds(4)
	return h
}

func TestWhatGoesOnAllocatesNothing(t *testing.T) {
	h := busyHouse(600)
	syn := &packet.Packet{
		Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeIPv4, Src: addressOf(camMAC), Dst: h.host("1"),
		Proto: packet.ProtoTCP, SrcPort: 40000, DstPort: 443, TCPFlags: tcpSYN,
	}
	question := &packet.Packet{
		Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeIPv4, Src: addressOf(camMAC), Dst: routerIP,
		Proto: packet.ProtoUDP, SrcPort: 40000, DstPort: 53, Payload: ask("up", "cam", "example"),
	}
	n := testing.AllocsPerRun(100, func() {
		h.now = h.now.Add(time.Second)
		for _, f := range h.flows {
			f.Last = h.now
			f.TxBytes += 100
			h.d.Flow(h.now, f)
		}
		h.d.Packet(syn, camMAC, packet.MAC{})
		h.d.Packet(question, camMAC, packet.MAC{})
		h.d.Tick(h.now, h.devices)
	})
	if n > 0 {
		t.Errorf("a second allocates %v times", n)
	}
}

// BenchmarkFlow is one flow that goes on.
func BenchmarkFlow(b *testing.B) {
	h := busyHouse(6000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f := h.flows[i%len(h.flows)]
		f.Last = h.now
		h.d.Flow(h.now, f)
	}
}

// BenchmarkNewFlow is one that begins: it counts everywhere.
func BenchmarkNewFlow(b *testing.B) {
	h := busyHouse(6000)
	flows := make([]*capture.Flow, 0, len(h.flows))
	for _, f := range h.flows {
		g := *f
		g.First, g.Protocol = h.now.Add(-1001*time.Millisecond), packet.ProtoUDP
		flows = append(flows, &g)
	}
	slices.Reverse(flows)
	h.d.last -= settleTime
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.d.parts = 0
		h.d.Flow(h.now, flows[i%len(flows)])
	}
}

// BenchmarkPacket is the first packet of a connection.
func BenchmarkPacket(b *testing.B) {
	h := busyHouse(100)
	p := &packet.Packet{
		Time: h.now, SrcMAC: camMAC, EtherType: packet.EtherTypeIPv4, Src: addressOf(camMAC), Dst: routerIP,
		Proto: packet.ProtoTCP, DstPort: 443, TCPFlags: tcpSYN,
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.SrcPort = uint16(i)
		h.d.Packet(p, camMAC, packet.MAC{})
	}
}
