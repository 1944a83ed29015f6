package mud

// State is which packets of a connection a rule is about.
type State string

// The states. A rule of an open home needs conntrack: who opened a connection is what it knows.
const (
	// Opens admits new connections; what belongs to one that was admitted needs no rule.
	Opens State = "opens"
	// Answers admits packets of connections that the other side opened, and needs no rule where conntrack is asked.
	Answers State = "answers"
	// Packets is about every packet, whatever it belongs to.
	Packets State = "packets"
)

// Policy is what a device may do, as data. Whoever enforces it goes through From for what the device opens or sends,
// through To for what is opened or sent to it, and refuses what no rule is about. Between two devices that both have a
// policy both must allow it. What IP itself needs (ARP, DHCP, neighbour discovery, errors of allowed connections) is
// beside it.
type Policy struct {
	URL      URL
	Strict   bool // the letter of RFC 8520, for conformance: connections are not considered
	From, To []Rule
}

// Rule is one step of a policy: the first that matches decides. One that is Held has no effect until the owner agrees.
type Rule struct {
	ACE     // the entry that it comes from; without a name and path for the defaults of RFC 8520
	State   State
	Default bool
}

// Compile turns a file into a policy. Most real files describe both halves of a connection, and say for one half only
// who opens it: read to the letter, anyone who answers for a name could open connections to the device from the right
// port. So unless strict is set, a rule whose other half is in the file admits answers only.
func (f *File) Compile(strict bool) Policy {
	p := Policy{URL: f.URL, Strict: strict}
	from, to := entries(f.From), entries(f.To)
	for _, a := range from {
		p.From = append(p.From, Rule{ACE: a, State: state(a, FromDevice, to, strict)})
	}
	for _, a := range to {
		p.To = append(p.To, Rule{ACE: a, State: state(a, ToDevice, from, strict)})
	}
	p.defaults()
	return p
}

func entries(acls []ACL) (all []ACE) {
	for _, acl := range acls {
		all = append(all, acl.ACEs...)
	}
	return all
}

// defaults appends what RFC 8520 appendix A allows to every device: DNS and time of the home. TCP for DNS is ours: an
// answer that does not fit UDP is asked for again over it (RFC 7766 5).
func (p *Policy) defaults() {
	p.service(ClassDNS, UDP, 53)
	if !p.Strict {
		p.service(ClassDNS, TCP, 53)
	}
	p.service(ClassNTP, UDP, 123)
}

func (p *Policy) service(class string, protocol Protocol, port uint16) {
	a := ACE{Family: IPv4 | IPv6, Match: Match{
		Remote: []Endpoint{{Kind: Controller, Name: class}}, Protocol: protocol,
		RemotePort: Ports{Low: port, High: port, Set: true},
	}}
	from, to := Opens, Answers
	if p.Strict {
		from, to = Packets, Packets
	}
	p.From = append(p.From, Rule{ACE: a, State: from, Default: true})
	p.To = append(p.To, Rule{ACE: a, State: to, Default: true})
}

// state decides which packets an entry is about; others are the entries of the other direction.
func state(a ACE, d Direction, others []ACE, strict bool) State {
	switch {
	case a.Drop:
		return Packets
	case a.Initiated != "" && a.Initiated != d:
		return Answers
	case strict:
		return Packets
	case a.Initiated == d:
		return Opens
	case d == ToDevice && a.Protocol == UDP && a.has(LocalNetworks):
		return Packets // answers to multicast come from other addresses than it was sent to: conntrack knows them not
	case isAnswer(a, d, others):
		return Answers
	}
	return Opens
}

func (m Match) has(k Kind) bool {
	for _, e := range m.Remote {
		if e.Kind == k {
			return true
		}
	}
	return false
}

// isAnswer says whether an entry describes the answering half of what another one opens: it knows the port of that
// side only to which the other entry opens.
func isAnswer(a ACE, d Direction, others []ACE) bool {
	for _, b := range others {
		if b.Drop || b.Protocol != a.Protocol && b.Protocol != AnyProtocol || b.Family&a.Family != a.Family || !sameParties(a.Remote, b.Remote) {
			continue
		}
		called, mine, theirs := a.RemotePort, a.LocalPort, b.RemotePort
		if d == FromDevice {
			called, mine, theirs = a.LocalPort, a.RemotePort, b.LocalPort
		}
		switch a.Protocol {
		case TCP, UDP:
			if called.Set && !mine.Set && (theirs == called || b.isWide()) && b.Initiated != d {
				return true
			}
		case ICMP, ICMPv6:
			if echo(b) == asks && echo(a) == answers {
				return true
			}
		}
	}
	return false
}

func (m Match) isWide() bool { return !m.RemotePort.Set && !m.LocalPort.Set }

func sameParties(a, b []Endpoint) bool {
	if len(a) != len(b) {
		return false
	}
	for _, e := range a {
		found := false
		for _, f := range b {
			found = found || e == f
		}
		if !found {
			return false
		}
	}
	return true
}

const (
	asks    = 1
	answers = 2
)

// echo says whether a match is an echo request or reply (RFC 792, RFC 4443 4).
func echo(m ACE) int {
	types := [3]uint32{0, 8, 0}
	if m.Protocol == ICMPv6 {
		types = [3]uint32{0, 128, 129}
	}
	for _, f := range m.Fields {
		if f.Name != "type" {
			continue
		}
		switch f.Value {
		case types[asks]:
			return asks
		case types[answers]:
			return answers
		}
	}
	return 0
}
