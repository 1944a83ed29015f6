package names

import (
	"strings"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Ports of DNS (RFC 1035 section 4.2) and mDNS (RFC 6762 section 3).
const (
	portDNS  = 53
	portMDNS = 5353
)

var _ capture.Observer = (*Store)(nil).Observe

// Observe learns from one packet, where it is a DNS or mDNS message; from and to are the devices at its ends,
// as capture.Table gives them. It allocates nothing for other packets.
func (s *Store) Observe(p *packet.Packet, from, to packet.MAC) {
	if p.Fragment || len(p.Payload) == 0 && p.Proto != packet.ProtoTCP {
		return
	}
	switch {
	case p.Proto == packet.ProtoUDP && p.SrcPort == portMDNS:
		s.announced(p, from)
	case p.Proto == packet.ProtoUDP && (p.SrcPort == portDNS || p.DstPort == portDNS):
		s.datagram(p, from, to)
	case p.Proto == packet.ProtoTCP && p.SrcPort == portDNS:
		s.segment(p, to)
	case p.Proto == packet.ProtoTCP && p.DstPort == portDNS && p.TCPFlags&tcpSYN != 0:
		s.called(p)
	}
}

func (s *Store) called(p *packet.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire.called(p)
}

func (s *Store) datagram(p *packet.Packet, from, to packet.MAC) {
	if a := s.read(p, from, to); a != nil {
		s.tell(*a)
	}
}

// read takes a question or an answer, and returns what there is to tell of it.
func (s *Store) read(p *packet.Packet, from, to packet.MAC) *Answer {
	m, err := parse(p.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.wire.bad++
	case !m.header.Response && p.DstPort == portDNS:
		s.wire.asked(p, &m, from)
	case m.header.Response && p.SrcPort == portDNS:
		device, asked, ok := s.wire.answered(p, &m, to)
		if ok {
			s.learnHostsLocked(p, &m, device)
			return s.answer(p, &m, device, asked)
		}
		s.wire.unasked++
		if p.In == 0 { // the router's own word, which may be heard before the question
			return s.answer(p, &m, to, false)
		}
	}
	return nil
}

func (s *Store) segment(p *packet.Packet, to packet.MAC) {
	for _, a := range s.readStream(p, to) {
		s.tell(*a)
	}
}

// readStream takes what a segment completes, and returns what there is to tell of it.
func (s *Store) readStream(p *packet.Packet, to packet.MAC) (told []*Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b, begun := range s.wire.messages(p) {
		m, err := parse(b)
		if err != nil {
			s.wire.bad++
			continue
		}
		s.learnHostsLocked(p, &m, to)
		if a := s.answer(p, &m, to, begun); a != nil {
			told = append(told, a)
		}
	}
	return told
}

func (s *Store) learnHostsLocked(p *packet.Packet, m *message, device packet.MAC) {
	for _, h := range m.hosts {
		if isFar(h) {
			s.learnLocked(Name{Device: device, Addr: h.addr, Name: h.name, Source: DNS, At: p.Time})
		}
	}
}

// isFar leaves out addresses that say "there is none", as filters answer, and that are nobody's on the wire.
func isFar(h host) bool {
	return !h.addr.IsUnspecified() && !h.addr.IsLoopback() && !h.addr.IsMulticast()
}

// announced learns what a device calls itself. Anybody on the LAN can say anything by mDNS, so a device's
// announcements name that device alone, and only by addresses that could be its own: the one it speaks from,
// and private ones.
func (s *Store) announced(p *packet.Packet, from packet.MAC) {
	m, err := parseMulticast(p.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.wire.bad++
		return
	}
	for _, h := range m.hosts {
		own := h.addr == p.Src || h.addr.IsPrivate() || h.addr.IsLinkLocalUnicast()
		if own && strings.HasSuffix(h.name, ".local") {
			s.learnLocked(Name{Device: from, Addr: h.addr, Name: h.name, Source: MDNS, At: p.Time})
		}
	}
}
