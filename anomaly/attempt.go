package anomaly

import (
	"net/netip"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// attempt is one try of a device to reach something: the first packet of a connection, or a flow that began.
type attempt struct {
	remote     netip.Addr
	port       uint16
	protocol   uint8
	at         int64
	connection uint64 // tells it from others to the same place: a packet sent again is the same
}

// attempt enters one try in all that look at who is tried, and how often.
func (d *Detector) attempt(rec *device, a attempt) {
	if isGroup(a.remote) {
		return
	}
	remote := d.hashAddr(a.remote)
	rec.portTrack(a.protocol, a.port, a.at).try(remote, a.at)
	rec.targetTrack(remote, a).try(d.hash(uint64(a.port), uint64(a.protocol)), a.at)
	if a.protocol == packet.ProtoTCP && loginPorts[a.port] != "" {
		rec.loginTrack(remote, a).try(a)
	}
}

// outcome enters what became of one, when it should have been answered.
func (d *Detector) outcome(rec *device, f *capture.Flow, failed bool) {
	if isGroup(f.Remote) || f.Protocol > 255 {
		return
	}
	remote := d.hashAddr(f.Remote)
	if t := rec.findPort(uint8(f.Protocol), f.Port); t != nil {
		t.judge(failed)
	}
	if t := rec.findTarget(remote, uint8(f.Protocol)); t != nil {
		t.judge(failed)
	}
	if failed {
		rec.now.sum[metricFailed]++
	}
}

func isGroup(a netip.Addr) bool {
	return !a.IsValid() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || a.IsUnspecified()
}

// isFruitless reports whether nothing with content came back: no answer at all, or only TCP's own (RST, SYN and ACK
// carry at most 60 bytes of headers in IPv4, 80 in IPv6).
func isFruitless(f *capture.Flow) bool {
	const headers, packets = 80, 3
	if f.Protocol == packet.ProtoTCP {
		return f.RxPackets <= packets && f.RxBytes <= headers*f.RxPackets
	}
	return f.RxPackets == 0
}

// tries counts what one tracker saw in its window.
type tries struct {
	began, last  int64 // nanoseconds since 1970
	all          uint32
	judged, fail uint32
	different    sketch // addresses of a port, ports of an address, connections of a login
}

// window is how long a tracker counts before it begins anew: a probe a second makes 120 within it, and what people
// and programs do in two minutes stays below all limits.
const window = 120 * second

const second = int64(1e9)

func (t *tries) try(what uint64, now int64) {
	if t.all == 0 || now-t.began > window || now < t.began {
		*t = tries{began: now}
	}
	t.last = now
	t.all++
	t.different.add(what)
}

func (t *tries) judge(failed bool) {
	t.judged++
	if failed {
		t.fail++
	}
}

// worth is how much a tracker matters: the one with the least gives way to another. A tracker whose window is over
// matters less than any that runs.
func (t *tries) worth(now int64) int64 {
	switch {
	case t.all == 0:
		return 0
	case now-t.began > window:
		return 1
	}
	return 2 + int64(t.different.set())
}

// scanFailed is the share of tries that fail where somebody looks for what may be there. Who knows where to go fails at a
// few; where a network is down all fail, and what people try then stays below the other limits.
const scanFailed = 2. / 3

// failing reports whether that share of what was judged failed, of at least some.
func (t *tries) failing(some uint32) bool {
	return t.judged >= some && float64(t.fail) >= scanFailed*float64(t.judged)
}
