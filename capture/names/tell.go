package names

import (
	"net/netip"
	"time"

	"spinneret/capture/packet"
)

// Answer is an answer of DNS that a device got.
type Answer struct {
	Device packet.MAC
	Server netip.Addr
	Link   int32      // index of the interface that it came in by
	Sender packet.MAC // whoever sent it there
	// Router says that the router itself sent it, so that nobody else can have. Asked says that the question was seen,
	// with all that an answer has to repeat (RFC 5452 section 9), or its connection from the client's SYN on. One with neither is
	// only likely.
	Router, Asked bool
	Name          string // of the question, as Clean returns it
	Hosts         []Host // those that the question leads to, none where the name has no address
}

// Host is an address with the time for which it may be kept.
type Host struct {
	Addr netip.Addr
	TTL  time.Duration
}

// Tell has fn called with every answer from now on, before the packet is given back: fn runs on the packet path and must
// not block. It is to be set before packets come.
func (s *Store) Tell(fn func(Answer)) { s.tell = fn }

// answer is what one message tells; nil where nobody wants to know.
func (s *Store) answer(p *packet.Packet, m *message, device packet.MAC, asked bool) *Answer {
	if s.tell == nil {
		return nil
	}
	a := &Answer{Device: device, Server: p.Src, Link: p.In, Sender: p.SrcMAC, Router: p.In == 0, Asked: asked, Name: m.question}
	for _, h := range m.hosts {
		if isFar(h) {
			a.Hosts = append(a.Hosts, Host{h.addr, h.ttl})
		}
	}
	return a
}

// Question is the name that a question of DNS is about, as Clean returns it, also where the message was cut short behind
// it; "" for any other message.
func Question(b []byte) string {
	m, err := parse(b)
	if err != nil || m.header.Response {
		return ""
	}
	return m.question
}

// Read reads an answer that came to our own question for the addresses of a name. It is false for any other message.
func Read(b []byte, id uint16, name string) ([]Host, bool) {
	m, err := parse(b)
	if err != nil || !m.header.Response || m.header.ID != id || m.question != name {
		return nil, false
	}
	var hosts []Host
	for _, h := range m.hosts {
		if isFar(h) {
			hosts = append(hosts, Host{h.addr, h.ttl})
		}
	}
	return hosts, true
}
