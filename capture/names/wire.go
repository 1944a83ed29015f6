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
// question was seen from counts too, if its client asked that server within the hour; one that meets a
// question and does not fit it never does. A forger from outside would have to get through NAT to reach a port
// that no question came from, so little is given away. Over TCP the kernels at both ends have checked the
// sequence numbers.
type wire struct {
	questions recent[dialogue, question]
	servers   recent[[2]netip.Addr, time.Time] // client, server: when asked last
	streams   recent[dialogue, *stream]

	bad, unasked uint64
}

// dialogue is a client's and a server's end.
type dialogue struct {
	client, server netip.AddrPort
}

type question struct {
	id     uint16
	name   string
	qtype  dnsmessage.Type
	device packet.MAC
	at     time.Time
}

func newWire() wire {
	return wire{
		questions: newRecent[dialogue, question](maxQuestions),
		servers:   newRecent[[2]netip.Addr, time.Time](maxServers),
		streams:   newRecent[dialogue, *stream](maxStreams),
	}
}

func (w *wire) stores() []capture.Store {
	return []capture.Store{
		{Name: "DNS questions", Used: len(w.questions.entries), Limit: maxQuestions, Evicted: w.questions.displaced},
		{Name: "DNS servers", Used: len(w.servers.entries), Limit: maxServers, Evicted: w.servers.displaced},
		{Name: "DNS streams", Used: len(w.streams.entries), Limit: maxStreams, Evicted: w.streams.displaced},
	}
}

// asked remembers a question.
func (w *wire) asked(p *packet.Packet, m *message, from packet.MAC) {
	d := dialogue{netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)}
	w.questions.put(d, question{m.header.ID, m.question, m.qtype, from, p.Time})
	w.servers.put([2]netip.Addr{p.Src, p.Dst}, p.Time)
}

// answered reports whether an answer over UDP counts, and for which device.
func (w *wire) answered(p *packet.Packet, m *message, to packet.MAC) (packet.MAC, bool) {
	d := dialogue{netip.AddrPortFrom(p.Dst, p.DstPort), netip.AddrPortFrom(p.Src, p.SrcPort)}
	q, ok := w.questions.get(d)
	if ok && p.Time.Sub(q.at) <= answerTime {
		if q.id != m.header.ID || q.name != m.question || q.qtype != m.qtype {
			return packet.MAC{}, false
		}
		if !q.device.IsZero() {
			to = q.device
		}
		return to, true
	}
	at, ok := w.servers.get([2]netip.Addr{p.Dst, p.Src})
	return to, ok && p.Time.Sub(at) <= serverTime
}
