package hello

import (
	"bytes"

	"spinneret/capture/packet"
)

// TCP flags (RFC 9293 section 3.1).
const (
	tcpSYN = 0x02
	tcpACK = 0x10
)

// Ports whose clients speak first, where a part of a message is taken for one although its beginning is missing.
const (
	portHTTP     = 80
	portHTTPS    = 443
	portDoT      = 853
	portHTTPSAlt = 8443
	portMQTTS    = 8883
)

// lead is how far before the first part seen a message may begin, where no SYN was seen.
const lead = 4 << 10

func begins(p *packet.Packet) bool { return p.TCPFlags&(tcpSYN|tcpACK) == tcpSYN }

// segment looks at a TCP segment that has bytes, or begins a connection.
func (r *Reader) segment(p *packet.Packet) (Name, bool) {
	k := keyOf(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	seq := p.TCPSeq
	if begins(p) {
		seq++
		r.flows.forget(&k)
		r.marks.open(&k, seq, p.Time)
	}
	if len(p.Payload) == 0 {
		return Name{}, false
	}
	f := r.flows.find(&k)
	if f == nil {
		m := r.marks.find(&k, p.Time)
		first := m.isFirst(seq, p)
		if first {
			if name, v := r.read(p.Payload); v != more {
				r.finish(&k, p)
				return name, v == found
			}
		}
		if f = r.stream(&k, &m, first, seq, p); f == nil {
			return Name{}, false
		}
	}
	r.flows.put(f, int(int32(seq-f.base)), p.Payload)
	return r.settle(f, p)
}

// isFirst reports whether a segment is the first of its stream that has bytes.
func (m *mark) isFirst(seq uint32, p *packet.Packet) bool {
	return m.state == opened && seq == m.start || m.state == unknown && beginsMessage(p.Payload)
}

// stream makes the flow that a part belongs to, nil where it can be no part. first says that the message may begin
// with the part. Where that is a guess from a byte or two, which the random parts of a hello have as well, earlier
// bytes may still come.
func (r *Reader) stream(k *key, m *mark, first bool, seq uint32, p *packet.Packet) *flow {
	switch {
	case first && (m.state == opened || beginsSurely(p.Payload) || !mayBePart(p)):
		f := r.flows.open(k, p.Time)
		f.base = seq
		return f
	case m.state == opened && seq-m.start < maxHeld:
		f := r.flows.open(k, p.Time)
		f.base = m.start
		return f
	case m.state == unknown && mayBePart(p):
		f := r.flows.open(k, p.Time)
		f.base, f.stray = seq-lead, true
		f.parts.low, f.parts.end = lead, lead
		return f
	}
	return nil
}

// settle gives the name in a message that is whole now. It gives up on one that is none, or too long, or comes
// again and again. Where it is not known where the stream begins, the bytes that can be no message may be the
// middle of one.
func (r *Reader) settle(f *flow, p *packet.Packet) (Name, bool) {
	message := f.parts.message()
	name, v := r.read(message)
	if v == none && f.stray && !beginsMessage(message) {
		v = more
	}
	if v == more && f.fed <= 2*maxHeld && len(message) < maxHeld {
		return Name{}, false
	}
	r.finish(&f.key, p)
	return name, v == found
}

// read reads what a client sends first.
func (r *Reader) read(b []byte) (Name, verdict) {
	b = b[:min(len(b), maxHeld)]
	switch {
	case len(b) == 0:
		return Name{}, more
	case beginsTLS(b):
		return r.readRecords(b)
	case beginsHTTP(b):
		return readRequest(b)
	}
	return Name{}, none
}

func beginsMessage(b []byte) bool { return beginsTLS(b) || beginsHTTP(b) }

// beginsSurely reports whether b has all of what messages begin with: of a record its header and the kind of
// message, of a request the whole method.
func beginsSurely(b []byte) bool {
	return len(b) > recordHeader && beginsTLS(b) || beginsHTTP(b) && bytes.IndexByte(b, ' ') > 0
}

// mayBePart reports whether a segment of a stream whose beginning was not seen may be the middle of a message.
// It is not where it begins with a record of TLS: that is a later one.
func mayBePart(p *packet.Packet) bool {
	b := p.Payload
	if len(b) > 2 && b[0] >= 20 && b[0] <= 24 && b[1] == 3 && b[2] <= 4 {
		return false
	}
	switch p.DstPort {
	case portHTTP, portHTTPS, portDoT, portHTTPSAlt, portMQTTS:
		return true
	}
	return false
}
