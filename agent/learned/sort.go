package learned

import (
	"net/netip"
	"strings"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// line is one thing that the file allows, both halves of it.
type line struct {
	party
	protocol capture.Protocol
	opened   bool
	port     uint16 // 0: any
}

// party is who the other side is: a name, an address, the home, or a group in the home.
type party struct {
	name  string
	addr  netip.Addr // of a host of the internet without a name, or of a group
	home  bool
	v4    bool // of a home's party and of addresses
	group bool
}

// call is what is to have few ports.
type call struct {
	party
	protocol capture.Protocol
	opened   bool
}

// manyPorts is from how many ports of one party on the port is left open: they are agreed upon as it goes.
const manyPorts = 8

// sorter makes lines of what was done.
type sorter struct {
	watch *Watch
	seen  map[line]bool
	lines []line
	ports map[call]map[uint16]bool
	usual int // what every device may do

	nameless, callers, open, strange int
}

// survey counts the ports of each party.
func (s *sorter) survey(u Use) {
	c := call{s.party(u), u.Protocol, u.Opened}
	if s.ports[c] == nil {
		s.ports[c] = map[uint16]bool{}
	}
	s.ports[c][u.Port] = true
}

func (s *sorter) party(u Use) party {
	v4 := u.Remote.Is4()
	switch {
	case u.Inside && isGroup(u.Remote):
		return party{addr: u.Remote, home: true, v4: v4, group: true}
	case u.Inside:
		return party{home: true, v4: v4}
	case u.Opened && isHostName(u.Name):
		return party{name: u.Name}
	}
	return party{addr: u.Remote, v4: v4}
}

// take makes a line of a use, unless every device may do it, or no file can say it.
func (s *sorter) take(u Use) {
	p := s.party(u)
	switch {
	case isUsual(u):
		s.usual++
		return
	case !u.Remote.IsValid() || u.Protocol&capture.NoIP != 0:
		s.strange++ // frames without IP: MUD has no words for them
		return
	case !u.Opened && !u.Inside:
		s.callers++ // whoever that was: it is for the owner to open the home
		return
	}
	l := line{p, u.Protocol, u.Opened, u.Port}
	if p.name != "" && l.protocol == packet.ProtoICMPv6 {
		l.protocol = packet.ProtoICMP // a name is of both families, and so is a ping to it
	}
	if many := len(s.ports[call{p, u.Protocol, u.Opened}]) > manyPorts; many && !p.group {
		l.port = 0
	}
	if s.seen[l] {
		return
	}
	s.seen[l] = true
	s.lines = append(s.lines, l)
	if l.addr.IsValid() && !l.group {
		s.nameless++
	}
	if l.port == 0 && u.Protocol.HasPorts() {
		s.open++
	}
}

// isUsual reports whether every device may do that, with a profile or without: DHCP, what IP itself needs, errors about
// what it may do, DNS and time of the router (RFC 8520 appendix A).
func isUsual(u Use) bool {
	if u.Protocol.IsICMP() {
		return !isPing(u)
	}
	if !u.Inside {
		return false
	}
	switch u.Protocol {
	case packet.ProtoUDP:
		dhcp := u.Port == 67 || u.Port == 68 || u.Port == 546 || u.Port == 547
		return dhcp || u.Router && u.Opened && (u.Port == 53 || u.Port == 123)
	case packet.ProtoTCP:
		return u.Router && u.Opened && u.Port == 53
	case protoIGMP:
		return true
	}
	return false
}

// isPing tells pings and their answers (RFC 792, RFC 4443 section 4) from errors and what neighbours say. Where it is not
// known what was sent, neighbours said it over IPv6 in the home, else it was a ping.
func isPing(u Use) bool {
	typ, known := u.ICMP.Type()
	if u.Protocol == packet.ProtoICMP {
		return !known || typ == 8 || typ == 0
	}
	return known && (typ == 128 || typ == 129) || !known && !u.Inside
}

const protoIGMP = 2

func isGroup(a netip.Addr) bool {
	return a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// isHostName reports whether a name can stand in a file: what comes from the network may be anything. Names of mDNS can
// not be told from DNS by other readers, and change less than the addresses behind them: they are the home.
func isHostName(name string) bool {
	if name == "" || strings.HasSuffix(name, ".local") || !strings.Contains(name, ".") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	_, err := netip.ParseAddr(name)
	return err != nil
}
