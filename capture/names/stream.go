package names

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture/packet"
)

const (
	maxStreams = 32 // answers over TCP that are on their way at once
	// maxStreamed bounds one message over TCP, and so all that is held to half a megabyte. A message can have 64
	// kB, but one full of addresses has a few hundred bytes.
	maxStreamed = 16 << 10
	minMessage  = 12 // the header (RFC 1035 section 4.1.1)
)

// stream puts together what a server sends over one TCP connection: messages with their length before them
// (RFC 1035 section 4.2.2).
type stream struct {
	next   uint32 // sequence number: of the server, but of the client while called is set
	held   []byte
	called time.Time // when the client asked for a connection that was not granted yet
	begun  bool      // it was seen beginning, at both ends
}

// TCP flags (RFC 9293 section 3.1).
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	_
	tcpACK
)

// called remembers that a client asks for a connection.
func (w *wire) called(p *packet.Packet) {
	if p.TCPFlags&(tcpSYN|tcpACK) == tcpSYN {
		d := dialogue{netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)}
		w.streams.put(d, &stream{called: p.Time, next: p.TCPSeq + 1})
	}
}

// messages gives the messages that p completes, and whether their connection was seen beginning. They are valid until the
// next packet.
func (w *wire) messages(p *packet.Packet) iter.Seq2[[]byte, bool] {
	return func(yield func(m []byte, begun bool) bool) {
		d := dialogue{netip.AddrPortFrom(p.Dst, p.DstPort), netip.AddrPortFrom(p.Src, p.SrcPort)}
		st := w.stream(d, p)
		if st == nil {
			return
		}
		sound := st.add(p)
		for sound {
			var m []byte
			if m, sound = st.cut(); m == nil || !yield(m, st.begun) {
				break
			}
		}
		if !sound || p.TCPFlags&(tcpFIN|tcpRST) != 0 {
			delete(w.streams.entries, d)
		}
	}
}

// stream finds the connection that p belongs to. One that was not seen beginning begins with its first segment
// seen, if that can be the beginning of a message.
func (w *wire) stream(d dialogue, p *packet.Packet) *stream {
	st, ok := w.streams.get(d)
	switch {
	case p.TCPFlags&tcpSYN != 0:
		return w.begin(d, p, st)
	case ok && st.called.IsZero():
		return st
	case len(p.Payload) < 2+minMessage:
		return nil
	}
	st = &stream{next: p.TCPSeq}
	w.streams.put(d, st)
	return st
}

// begin takes a server's SYN. Whoever sends one that no client asked for, or without knowing how it asked, speaks only to
// us: no kernel would take it (RFC 9293 section 3.10.7.3).
func (w *wire) begin(d dialogue, p *packet.Packet, before *stream) *stream {
	st := &stream{next: p.TCPSeq + 1}
	if before != nil && before.called.IsZero() && before.next == st.next {
		return before // it is sent again
	}
	st.begun = before != nil && !before.called.IsZero() && p.Time.Sub(before.called) <= answerTime &&
		p.TCPFlags&tcpACK != 0 && p.TCPAck == before.next
	w.streams.put(d, st)
	return st
}

// add takes a segment's bytes, as far as they are new. It is false where some are missing or too many.
func (s *stream) add(p *packet.Packet) bool {
	if p.TCPFlags&tcpSYN != 0 {
		return true
	}
	known := s.next - p.TCPSeq // by RFC 9293 section 3.4 modulo 2^32
	if int32(known) < 0 {
		return false
	}
	if int64(known) >= int64(len(p.Payload)) {
		return true
	}
	fresh := p.Payload[known:]
	s.next += uint32(len(fresh))
	s.held = append(s.held, fresh...)
	return len(s.held) <= 2*maxStreamed
}

// cut takes the first message out, nil where it is not whole yet. It is false where there can be none: then
// what was taken for a length was something else.
func (s *stream) cut() ([]byte, bool) {
	if len(s.held) < 2 {
		return nil, true
	}
	n := int(binary.BigEndian.Uint16(s.held))
	if n < minMessage || n > maxStreamed {
		return nil, false
	}
	if len(s.held) < 2+n {
		return nil, true
	}
	m := s.held[2 : 2+n]
	s.held = s.held[2+n:]
	return slices.Clip(m), true
}
