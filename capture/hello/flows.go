package hello

import (
	"container/list"
	"time"

	"spinneret/capture/packet"
)

// waitTime is how long the parts of a hello may be apart.
const waitTime = 30 * time.Second

// key names the way from a client to a server. It is flat, so that it is hashed as one piece of memory. The MAC
// is part of it, so that nobody can put bytes into another device's hello.
type key struct {
	client, server         [16]byte
	clientPort, serverPort uint16
	mac                    packet.MAC
	proto                  uint8
}

func keyOf(p *packet.Packet) key {
	return key{
		client: p.Src.As16(), server: p.Dst.As16(), clientPort: p.SrcPort, serverPort: p.DstPort,
		mac: p.SrcMAC, proto: p.Proto,
	}
}

// device is who a flow is counted against: the sender's MAC, or its address where the link type has none.
type device struct {
	mac  packet.MAC
	addr [16]byte
}

func (k *key) device() device {
	if k.mac.IsZero() {
		return device{addr: k.client}
	}
	return device{mac: k.mac}
}

// flow is a hello of which parts are missing.
type flow struct {
	key   key
	at    int64  // when its first part came, in nanoseconds
	base  uint32 // the sequence number of the assembly's first byte; 0 for QUIC
	stray bool   // base lies before the first part, because it is not known where the stream begins
	fed   int    // bytes that came, also those that were there already
	keys  *initialKeys
	parts assembly
}

// flows holds the hellos that are on their way, within limits. Where there is no room the oldest goes: that of
// the same device where that device has its share already.
type flows struct {
	limits  Limits
	byKey   map[key]*list.Element
	order   list.List // of *flow, oldest first
	shares  map[device]int
	bytes   int
	evicted uint64
}

func newFlows(l Limits) flows {
	return flows{limits: l, byKey: map[key]*list.Element{}, shares: map[device]int{}}
}

func (fs *flows) find(k *key) *flow {
	if len(fs.byKey) == 0 {
		return nil
	}
	if e, ok := fs.byKey[*k]; ok {
		return e.Value.(*flow)
	}
	return nil
}

func (fs *flows) open(k *key, now time.Time) *flow {
	fs.expire(now)
	if d := k.device(); fs.shares[d] >= fs.limits.PerDevice {
		fs.evict(fs.oldestOf(d))
	}
	if len(fs.byKey) >= fs.limits.Flows {
		fs.evict(fs.order.Front())
	}
	f := &flow{key: *k, at: now.UnixNano()}
	fs.byKey[*k] = fs.order.PushBack(f)
	fs.shares[k.device()]++
	return f
}

// put gives the flow a part of its message, and makes room for it. A flow that is larger than all the room there
// is goes too.
func (fs *flows) put(f *flow, at int, b []byte) {
	before := f.parts.size()
	f.parts.put(at, b)
	f.fed += len(b)
	fs.bytes += f.parts.size() - before
	for fs.bytes > fs.limits.Bytes {
		fs.evict(fs.order.Front())
	}
}

func (fs *flows) expire(now time.Time) {
	for e := fs.order.Front(); e != nil && age(e.Value.(*flow).at, now) > waitTime; e = fs.order.Front() {
		fs.drop(e)
	}
}

func (fs *flows) oldestOf(d device) *list.Element {
	e := fs.order.Front()
	for e != nil && e.Value.(*flow).key.device() != d {
		e = e.Next()
	}
	return e
}

func (fs *flows) evict(e *list.Element) {
	fs.drop(e)
	fs.evicted++
}

func (fs *flows) drop(e *list.Element) {
	f := fs.order.Remove(e).(*flow)
	delete(fs.byKey, f.key)
	fs.bytes -= f.parts.size()
	d := f.key.device()
	if fs.shares[d]--; fs.shares[d] == 0 {
		delete(fs.shares, d)
	}
}

// forget ends a flow, where there is one.
func (fs *flows) forget(k *key) {
	if e, ok := fs.byKey[*k]; ok {
		fs.drop(e)
	}
}
