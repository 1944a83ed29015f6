package hello

import (
	"hash/maphash"
	"sync"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Limits bound what a Reader holds of messages that are not whole yet.
type Limits struct {
	Flows     int // in all
	PerDevice int
	Bytes     int // in all; one flow has at most 18 kB
}

// DefaultLimits hold more hellos on their way than a home has at once.
var DefaultLimits = Limits{Flows: 256, PerDevice: 64, Bytes: 1 << 20}

// Reader finds names in packets. Any goroutine may call it.
type Reader struct {
	mu      sync.Mutex
	marks   marks
	flows   flows
	scratch []byte // for records and packets that are put together or opened; at most 16 kB
}

// NewReader makes a reader with the default limits.
func NewReader() *Reader { return NewReaderWith(DefaultLimits) }

// NewReaderWith makes a reader.
func NewReaderWith(l Limits) *Reader {
	return &Reader{
		marks: marks{seed: maphash.MakeSeed()},
		flows: newFlows(Limits{Flows: max(l.Flows, 1), PerDevice: max(l.PerDevice, 1), Bytes: max(l.Bytes, 2*maxHeld)}),
	}
}

// Stores reports how full the reader is.
func (r *Reader) Stores() []capture.Store {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []capture.Store{
		{Name: "hellos", Used: len(r.flows.byKey), Limit: r.flows.limits.Flows, Evicted: r.flows.evicted},
		{Name: "hello bytes", Used: r.flows.bytes, Limit: r.flows.limits.Bytes, Evicted: r.flows.evicted},
	}
}

// Add looks at one packet, and gives the name of the server at p.Dst when it makes a client's message whole: for
// one flow at most once a minute. The parts of a message may come in any order, and other packets may be left out.
// The SYN of a TCP connection helps: where it was not seen, parts that overtook the first one are kept on a few
// well-known ports only. Add allocates nothing for packets that can be no part of such a message.
func (r *Reader) Add(p *packet.Packet) (Name, bool) {
	switch {
	case p.Fragment || !p.IsIP():
	case p.Proto == packet.ProtoTCP && (len(p.Payload) > 0 || begins(p)):
		return r.segment(p)
	case p.Proto == packet.ProtoUDP && p.DstPort == portHTTPS && mayBeInitial(p.Payload):
		return r.datagram(p)
	}
	return Name{}, false
}

// finish gives up the flow's bytes, and leaves it alone from here on.
func (r *Reader) finish(k *key, p *packet.Packet) {
	r.flows.forget(k)
	r.marks.settle(k, p.Time)
}
