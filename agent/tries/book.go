// Package tries keeps whom devices that are cut off try to reach all the same: a sample of the packets that the firewall
// drops. Nothing of them passed, so they are in no sum, no history and no device's habits.
package tries

import (
	"slices"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
)

// What a Book holds. A device that floods fills its own part only.
const (
	maxAll = 512
	// maxAlike are the conversations with one port of one address: who dials again and again does it from ever new ports.
	maxAlike = 4
	keepFor  = 24 * time.Hour
)

// dnsPort is where questions for names go (RFC 1035 section 4.2.1).
const dnsPort = 53

// Book keeps tries as flows. Any goroutine may call it.
type Book struct {
	mu      sync.Mutex
	flows   []capture.Flow
	evicted uint64
}

// Add enters a packet that was dropped.
func (b *Book) Add(p *packet.Packet) {
	f := flowOf(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.flows {
		if g := &b.flows[i]; alike(&f, g) && f.DevicePort == g.DevicePort {
			g.TxPackets++
			g.TxBytes += f.TxBytes
			g.Last = f.Last
			return
		}
	}
	b.makeRoomLocked(&f)
	b.flows = append(b.flows, f)
}

func flowOf(p *packet.Packet) capture.Flow {
	f := capture.Flow{
		Device: p.SrcMAC, DeviceMAC: capture.MACFrame, DeviceAddr: p.Src, Remote: p.Dst,
		Protocol: capture.Protocol(p.Proto), DevicePort: p.SrcPort, RemotePort: p.DstPort, Port: p.DstPort,
		Out: true, Refused: true, TxPackets: 1, TxBytes: uint64(p.Length), First: p.Time, Last: p.Time,
	}
	switch {
	case f.Protocol.IsICMP():
		f.ICMP = capture.ICMPOf(p.ICMPType)
	case f.Protocol == packet.ProtoUDP && f.Port == dnsPort:
		f.Asked = names.Question(p.Payload)
	}
	return f
}

// alike reports whether the same device tries to reach the same port of the same address, and of DNS the same name.
func alike(f, g *capture.Flow) bool {
	return f.Device == g.Device && f.Remote == g.Remote && f.Protocol == g.Protocol && f.RemotePort == g.RemotePort && f.Asked == g.Asked
}

// makeRoomLocked gives up the oldest of those that are like f, or of the device that has the most.
func (b *Book) makeRoomLocked(f *capture.Flow) {
	like := func(g *capture.Flow) bool { return alike(f, g) }
	switch {
	case b.countLocked(like) >= maxAlike:
		b.dropOldestLocked(like)
	case len(b.flows) >= maxAll:
		most := b.busiestLocked()
		b.dropOldestLocked(func(g *capture.Flow) bool { return g.Device == most })
		b.evicted++
	}
}

func (b *Book) countLocked(of func(*capture.Flow) bool) (n int) {
	for i := range b.flows {
		if of(&b.flows[i]) {
			n++
		}
	}
	return n
}

func (b *Book) busiestLocked() (most packet.MAC) {
	count := map[packet.MAC]int{}
	for i := range b.flows {
		mac := b.flows[i].Device
		if count[mac]++; count[mac] > count[most] {
			most = mac
		}
	}
	return most
}

func (b *Book) dropOldestLocked(of func(*capture.Flow) bool) {
	oldest := -1
	for i := range b.flows {
		if of(&b.flows[i]) && (oldest < 0 || b.flows[i].Last.Before(b.flows[oldest].Last)) {
			oldest = i
		}
	}
	b.flows = slices.Delete(b.flows, oldest, oldest+1)
}

// Flows are the tries that lasted until since at least.
func (b *Book) Flows(since time.Time) (list []capture.Flow) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.flows {
		if f := &b.flows[i]; !f.Last.Before(since) {
			list = append(list, *f)
		}
	}
	return list
}

// Sweep forgets those of a day ago.
func (b *Book) Sweep(now time.Time) {
	b.deleteIf(func(f capture.Flow) bool { return now.Sub(f.Last) > keepFor })
}

// Forget forgets a device.
func (b *Book) Forget(mac packet.MAC) {
	b.deleteIf(func(f capture.Flow) bool { return f.Device == mac })
}

func (b *Book) deleteIf(is func(capture.Flow) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flows = slices.DeleteFunc(b.flows, is)
}

// Jump puts the times right once the clock was set.
func (b *Book) Jump(j capture.Jump) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.flows {
		f := &b.flows[i]
		f.First, f.Last = j.Moved(f.First), j.Moved(f.Last)
	}
}

// Stores tell how full it is.
func (b *Book) Stores() []capture.Store {
	b.mu.Lock()
	defer b.mu.Unlock()
	return []capture.Store{{Name: "tries", Used: len(b.flows), Limit: maxAll, Evicted: b.evicted}}
}
