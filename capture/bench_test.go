package capture

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab/expect"
)

var heap = expect.Heap

// conversations are n flows of devices with the internet, each way, as a capture file shows them.
func conversations(n, devices int) (out, in []packet.Packet) {
	for i := range n {
		mac := packet.MAC{2, 0, 0, 1, 0, byte(i % devices)}
		local := netip.AddrFrom4([4]byte{192, 168, 1, byte(2 + i%devices)})
		var far [4]byte
		binary.BigEndian.PutUint32(far[:], 0xc6336400+uint32(i))
		remote := netip.AddrFrom4(far)
		port := uint16(1024 + i%60000)
		out = append(out, *tcp(local, port, remote, 443, tcpACK, macs(mac, gateway)))
		in = append(in, *tcp(remote, 443, local, port, tcpACK, macs(gateway, mac)))
	}
	return out, in
}

func filled(n int) (table *Table, out, in []packet.Packet) {
	table = NewTable(Limits{Flows: 16384, Devices: 256})
	table.SetHome(wireHome())
	out, in = conversations(n, 60)
	for i := range out {
		table.Add(&out[i])
		table.Add(&in[i])
	}
	return table, out, in
}

func TestAddAllocatesNothingForKnownFlows(t *testing.T) {
	table, out, in := filled(100)
	i := 0
	allocs := testing.AllocsPerRun(1000, func() {
		table.Add(&out[i%100])
		table.Add(&in[i%100])
		i++
	})
	if allocs != 0 {
		t.Errorf("%v allocations for two packets of known flows", allocs)
	}
}

// TestMemoryPerFlow holds the figure that the comment on record promises.
func TestMemoryPerFlow(t *testing.T) {
	const most = 152
	if n := unsafe.Sizeof(record{}); n > most {
		t.Errorf("a record takes %d bytes, more than %d", n, most)
	}
	if n := unsafe.Sizeof(key{}); n != 44 {
		t.Errorf("a key takes %d bytes: it has gaps", n)
	}
	const flows = 16384
	out, _ := conversations(flows, 60)
	before := heap()
	table := NewTable(Limits{Flows: flows, Devices: 256})
	for i := range out {
		table.Add(&out[i])
	}
	per := int(heap()-before) / flows
	t.Logf("%d bytes a record, %d bytes a flow in all", unsafe.Sizeof(record{}), per)
	if per > 190 {
		t.Errorf("a flow takes %d bytes in all", per)
	}
	runtime.KeepAlive(table)
	runtime.KeepAlive(out)
}

// BenchmarkAdd/out is a packet of a known flow from its device, /in one towards it, /lan an answer between two
// devices. /new is the first packet of a flow in a table that is full, /flood the same with one device forging
// its source address.
func BenchmarkAdd(b *testing.B) {
	table, out, in := filled(4000)
	run := func(name string, packets []packet.Packet) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				table.Add(&packets[i])
				if i++; i == len(packets) {
					i = 0
				}
			}
		})
	}
	run("out", out)
	run("in", in)
	run("few", out[:50])
	table.Add(tcp(camAddr, 5000, printerAddr, 9100, tcpSYN, macs(cam, printer)))
	run("lan", []packet.Packet{*tcp(printerAddr, 9100, camAddr, 5000, tcpACK, macs(printer, cam))})
	table, _, _ = filled(16384)
	fresh := func(name string, forge bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			p := tcp(camAddr, 1, server, 80, tcpSYN, macs(cam, gateway))
			for i := uint32(0); b.Loop(); i++ {
				var a [4]byte
				binary.BigEndian.PutUint32(a[:], i)
				p.Dst = netip.AddrFrom4(a)
				if forge {
					p.Src = p.Dst
				}
				table.Add(p)
			}
		})
	}
	fresh("new", false)
	fresh("flood", true)
}

func BenchmarkAppendFlows(b *testing.B) {
	table, _, _ := filled(10000)
	var buf []Flow
	b.ReportAllocs()
	for b.Loop() {
		buf = table.AppendFlows(buf[:0], nil)
	}
}

func BenchmarkSweep(b *testing.B) {
	table, _, _ := filled(10000)
	for b.Loop() {
		table.Sweep(start.Add(time.Second))
	}
}

func TestAccountAllocatesNothingForKnownFlows(t *testing.T) {
	table := routedHome()
	c := connection(camEnd, serverEnd, Volume{1, 10}, Volume{1, 10})
	addFrame(table)
	if n := testing.AllocsPerRun(1000, func() { table.Account(c) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkAccount/known is a delta of a flow that is there (200 ns), /new one that opens a flow in a full table
// (700 ns; 2026-11, one core of a busy build machine). Neither makes garbage.
func BenchmarkAccount(b *testing.B) {
	table, _, _ := filled(16384)
	c := connection("192.168.1.2:1024", "198.51.100.0:443", Volume{1, 100}, Volume{1, 100})
	c.Protocol = packet.ProtoTCP
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			table.Account(c)
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for i := uint32(0); b.Loop(); i++ {
			to := netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
			c.Responder = netip.AddrPortFrom(to, 443)
			table.Account(c)
		}
	})
}
