package dhcp

import (
	"cmp"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Ports of DHCPv4 (RFC 2131 section 4.1) and DHCPv6 (RFC 8415 section 7.2).
const (
	v4ServerPort = 67
	v4ClientPort = 68
	v6ServerPort = 547
)

var _ capture.Observer = (*Store)(nil).Observe

// Observe learns from one packet, where it is a DHCP message; from and to are the devices at its ends, as
// capture.Table gives them. It allocates nothing for other packets.
//
// A device speaks for itself alone: a message for another MAC than that of its frame is counted and passed over, be
// it a relay's or a lie.
func (s *Store) Observe(p *packet.Packet, from, _ packet.MAC) {
	if p.Proto != packet.ProtoUDP || p.Fragment || len(p.Payload) == 0 {
		return
	}
	switch {
	case p.EtherType == packet.EtherTypeIPv6 && p.DstPort == v6ServerPort:
		s.asksV6(p, from)
	case p.EtherType == packet.EtherTypeIPv6:
	case p.DstPort == v4ServerPort:
		s.asks(p, from)
	}
}

// asks takes a client's DHCPv4 message.
func (s *Store) asks(p *packet.Packet, from packet.MAC) {
	m, err := ParseV4(p.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil || m.Reply:
		s.bad++
		return
	case from.IsZero() || m.MAC != from:
		s.foreign++
		if m.Relay.IsValid() {
			s.relayedLocked(m.MAC, m.MUDURL, p.Time)
		}
		return
	}
	rec := s.touchLocked(from, p.Time)
	// Other messages ask for less, or for something else (Windows' Inform), and would make another device of it.
	if f := m.Fingerprint(); f != "" && (m.Type == Discover || m.Type == Request) {
		rec.Fingerprint, rec.fromV4 = f, true
	}
	rec.says(m.Hostname, &rec.MUDURL, m.MUDURL)
}

// says takes the texts that are there; what is left out in a later message stands.
func (rec *record) says(hostname string, mudURL *string, said string) {
	if hostname != "" {
		rec.Hostname = hostname
	}
	if said != "" {
		*mudURL = said
	}
}

// relayedLocked takes the MUD URL of a device behind a relay, which is all that is taken from one: whoever sends such a
// message can say it of any device.
func (s *Store) relayedLocked(mac packet.MAC, mudURL string, now time.Time) {
	if mac.IsUnicast() && mudURL != "" {
		s.touchLocked(mac, now).MUDURLRelayed = mudURL
	}
}

// asksV6 takes a client's DHCPv6 message.
func (s *Store) asksV6(p *packet.Packet, from packet.MAC) {
	m, err := ParseV6(p.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.bad++
		return
	case from.IsZero() || m.Relays > 0 || m.Type == advertise || m.Type == reply:
		s.foreign++
		if m.Relays > 0 {
			s.relayedLocked(cmp.Or(m.LinkMAC, m.DUIDMAC), m.MUDURL, p.Time)
		}
		return
	}
	rec := s.touchLocked(from, p.Time)
	// Information-Request asks for other options, so it tells only of a device that asks nothing else.
	tells := m.Type == Solicit || m.Type == RequestV6 || m.Type == InformationRequest && rec.Fingerprint == ""
	if f := m.Fingerprint(); f != "" && tells && !rec.fromV4 {
		rec.Fingerprint = f
	}
	rec.says(m.Hostname, &rec.MUDURLv6, m.MUDURL)
}
