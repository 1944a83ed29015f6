package capture

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// FuzzTable feeds a small table a program of packets between few parties, so that every list is worked hard.
// Whatever comes, the table stays within its limits and its lists stay whole.
func FuzzTable(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x10\x11\x12\x13\x14\x15"))
	f.Add([]byte("\x10\x20\x01\x02\x0e\x06\x10\x20\x01\x02\x0e\x05\x10\x20\x01\x02\x4f\x06\x10\x20\x01\x02\x02\x07"))
	f.Add([]byte("spoofed sources, many receivers, some time, and a new home in between \xff\xfe\xfd\xfc"))
	f.Fuzz(func(t *testing.T, program []byte) {
		table := small(8, 4)
		for i := 0; i+6 <= len(program) && i < 6*400; i += 6 {
			step(table, program[i:i+6], time.Duration(i)*time.Second)
		}
		whole(t, table)
	})
}

func step(table *Table, b []byte, now time.Duration) {
	party := func(x byte) (packet.MAC, netip.Addr) {
		m := packet.MAC{2, 0, 0, 0, 0, x >> 4}
		if x>>4 == 15 {
			m = packet.MAC{}
		}
		return m, netip.AddrFrom4([4]byte{192, 168, 1 + x&1, x & 7})
	}
	p := tcp(camAddr, uint16(b[2]&3), tvAddr, uint16(b[3]&3), b[4], at(now))
	p.SrcMAC, p.Src = party(b[0])
	p.DstMAC, p.Dst = party(b[1])
	switch b[5] & 15 {
	case 0:
		p.EtherType = packet.EtherTypeARP
	case 1:
		part(uint16(b[4]&1), uint32(b[4]>>1))(p)
	case 2:
		table.Sweep(start.Add(now))
	case 3:
		table.SetHome(&Home{RouterMACs: []packet.MAC{p.SrcMAC}, Neighbours: map[netip.Addr]packet.MAC{p.Dst: p.DstMAC}})
	case 4:
		table.SetHome(logHome())
	case 5:
		p.In = lanIndex
	case 6:
		table.Account(account(p, b[4]))
		return
	case 7:
		table.SetVolumes(Volumes(b[4] % 3))
	case 8:
		table.KeepFinished(int(b[4] & 7))
		table.AppendFinished(nil)
	}
	table.Add(p)
}

// account is what conntrack might tell of a packet's connection.
func account(p *packet.Packet, b byte) *Counted {
	return &Counted{
		Initiator: netip.AddrPortFrom(p.Src, p.SrcPort), Responder: netip.AddrPortFrom(p.Dst, p.DstPort),
		AnswersTo: netip.AddrPortFrom(wanAddr, uint16(b>>6)), Asked: netip.AddrPortFrom(p.Dst, p.DstPort),
		Protocol: packet.ProtoTCP, Time: p.Time, Ended: b&1 != 0,
		Sent: Volume{uint64(b >> 1 & 1), uint64(b)}, Answered: Volume{uint64(b >> 2 & 1), uint64(b)},
	}
}

// whole checks what must hold between two calls.
func whole(t *testing.T, table *Table) {
	t.Helper()
	inUse := 0
	for i := range table.records {
		r := &table.records[i]
		if r.state&live == 0 {
			continue
		}
		inUse++
		if at, ok := table.find(r.key); !ok || at != int32(i) {
			t.Fatalf("record %d is not in the index", i)
		}
	}
	for _, n := range table.orphans.slots {
		if n == 0 {
			continue
		}
		if r := &table.records[n-1]; r.state&live == 0 || table.alike(r.key) != n-1 {
			t.Fatalf("record %d is found by a key that is not its own", n-1)
		}
	}
	if inUse != table.index.used || inUse > table.limits.Flows || len(table.byMAC) > table.limits.Devices {
		t.Fatalf("%d records, %d keys, %d devices", inUse, table.index.used, len(table.byMAC))
	}
	listed, addresses := 0, 0
	for slot := range table.devices {
		d := &table.devices[slot]
		n, before := 0, int32(none)
		for i := d.head; i != none; i = table.records[i].older {
			if r := &table.records[i]; r.near != int32(slot) || r.newer != before || n > inUse {
				t.Fatalf("the list of slot %d is broken at %d", slot, i)
			}
			before = i
			n++
		}
		if d.tail != before || int(table.held[slot]) != n {
			t.Fatalf("slot %d has %d flows, %d counted", slot, n, table.held[slot])
		}
		listed += n
		addresses += len(d.home) + len(d.foreign)
		for _, a := range d.addresses() {
			if table.owners[a] != int32(slot) {
				t.Fatalf("%v of slot %d belongs to slot %d", a, slot, table.owners[a])
			}
		}
	}
	if listed != inUse || addresses != len(table.owners) {
		t.Fatalf("%d of %d flows in lists, %d of %d addresses", listed, inUse, addresses, len(table.owners))
	}
}
