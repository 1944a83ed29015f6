package names

import (
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	maxQuestions = 1024 // waiting for their answers
	maxServers   = 512  // pairs of a client and a server that it asks

	// answerTime is how long a question waits for its answer; resolvers try again after 5 s.
	answerTime = 15 * time.Second
	// serverTime is how long a client is taken to go on asking a server.
	serverTime = time.Hour
)

// wire is what a Store remembers of DNS on the wire, to tell answers from forgeries.
//
// An answer over UDP counts if it fits a question that was seen: same two ends, identifier, name and type (RFC
// 5452 section 9). The kernel's log may have skipped the question, though. So an answer to a port that no
// question was seen from lately counts too, if its client asked that server within the hour; one to a port
// that asks something else never does. A forger from outside would have to get through NAT to reach a port
// that no question came from, so little is given away. Over TCP the kernels at both ends have checked the
// sequence numbers, if there are two: a connection that the client was not seen asking for may be nobody's.
type wire struct {
	questions recent[question, asker]
	ports     recent[dialogue, time.Time]      // when the client's port last asked
	servers   recent[[2]netip.Addr, time.Time] // client, server: when asked last
	streams   recent[dialogue, *stream]

	bad, unasked uint64
}

// dialogue is a client's and a server's end.
type dialogue struct {
	client, server netip.AddrPort
}

// question is what an answer has to repeat. One port may ask several at once: resolvers ask for IPv4 and IPv6
// addresses together.
type question struct {
	dialogue
	id    uint16
	qtype dnsmessage.Type
	name  string
}

type asker struct {
	device packet.MAC
	at     time.Time
}

func newWire() wire {
	return wire{
		questions: newRecent[question, asker](maxQuestions),
		ports:     newRecent[dialogue, time.Time](maxQuestions),
		servers:   newRecent[[2]netip.Addr, time.Time](maxServers),
		streams:   newRecent[dialogue, *stream](maxStreams),
	}
}

func (w *wire) stores() []capture.Store {
	return []capture.Store{
		{Name: "DNS questions", Used: len(w.questions.entries), Limit: maxQuestions, Evicted: w.questions.displaced},
		{Name: "DNS ports", Used: len(w.ports.entries), Limit: maxQuestions, Evicted: w.ports.displaced},
		{Name: "DNS servers", Used: len(w.servers.entries), Limit: maxServers, Evicted: w.servers.displaced},
		{Name: "DNS streams", Used: len(w.streams.entries), Limit: maxStreams, Evicted: w.streams.displaced},
	}
}

// asked remembers a question.
func (w *wire) asked(p *packet.Packet, m *message, from packet.MAC) {
	d := dialogue{netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)}
	w.questions.put(question{d, m.header.ID, m.qtype, m.question}, asker{from, p.Time})
	w.ports.put(d, p.Time)
	w.servers.put([2]netip.Addr{p.Src, p.Dst}, p.Time)
}

// answered reports whether an answer over UDP counts, for which device, and whether its very question was seen.
func (w *wire) answered(p *packet.Packet, m *message, to packet.MAC) (device packet.MAC, asked, ok bool) {
	within := func(at time.Time, limit time.Duration) bool { return p.Time.Sub(at) <= limit }
	d := dialogue{netip.AddrPortFrom(p.Dst, p.DstPort), netip.AddrPortFrom(p.Src, p.SrcPort)}
	if a, ok := w.questions.get(question{d, m.header.ID, m.qtype, m.question}); ok && within(a.at, answerTime) {
		if !a.device.IsZero() {
			to = a.device
		}
		return to, true, true
	}
	if at, ok := w.ports.get(d); ok && within(at, answerTime) {
		return packet.MAC{}, false, false
	}
	at, ok := w.servers.get([2]netip.Addr{p.Dst, p.Src})
	return to, false, ok && within(at, serverTime)
}
