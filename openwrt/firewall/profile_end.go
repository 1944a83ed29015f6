package firewall

import (
	"net/netip"
	"reflect"
	"slices"

	"spinneret/mud"
)

// A connection that is under way passes without being judged, so where a profile comes to allow less, those that it no
// longer allows are ended. What goes on afterwards is judged as if it opened a connection.

// judges are the profiles that connections are to be judged by, by the addresses of their devices.
type judges map[netip.Addr]judge

type judge struct {
	Profile
	parties parties
	learned learned
}

// judgesLocked are the profiles that are new or have changed; afresh is whether one did by more than its device's addresses.
func (f *Firewall) judgesLocked() (out judges, afresh bool) {
	out = judges{}
	var parties parties
	for _, p := range f.state.Profiles {
		i := slices.IndexFunc(f.judged, func(q Profile) bool { return p.MAC == q.MAC })
		if p.Mode != Enforce || p.Policy.Strict || i >= 0 && p.judgesAs(f.judged[i]) {
			continue
		}
		afresh = afresh || i < 0 || !p.at(f.judged[i].Addresses).judgesAs(f.judged[i])
		if parties.of == nil {
			parties = partiesOf(sortedProfiles(f.state.Profiles))
		}
		for _, a := range p.Addresses {
			out[a.Unmap().WithZone("")] = judge{p, parties, f.memory.learned}
		}
	}
	return out, afresh
}

// at is p of a device with other addresses.
func (p Profile) at(addrs []netip.Addr) Profile {
	p.Addresses = addrs
	return p
}

// judgesAs says whether p judges connections as q does. That an address of a name is no longer known ends none.
func (p Profile) judgesAs(q Profile) bool {
	for _, e := range p.endpoints() {
		if e.Kind != mud.Name && !reflect.DeepEqual(p.Sets[e], q.Sets[e]) {
			return false
		}
	}
	return p.Mode == q.Mode && slices.Equal(p.Addresses, q.Addresses) && reflect.DeepEqual(p.Policy, q.Policy)
}

// borrowed are the connections that devices with profiles began as others.
func (s State) borrowed() map[Origin]bool {
	out := map[Origin]bool{}
	for _, p := range s.Profiles {
		for _, o := range p.Borrowed {
			out[o] = true
		}
	}
	return out
}

func (c entry) origin() Origin {
	return Origin{netip.AddrPortFrom(c.orig.src, c.orig.from), c.orig.protocol}
}

// doomed looks at a connection from both ends, as they see each other behind NAT.
func (js judges) doomed(c entry) bool {
	opener := seen{c.reply.src, c.orig.src, c.orig.protocol, c.reply.from, c.orig.from, c.orig.icmpType}
	if j, ok := js[opener.local]; ok && !j.allows(j.Policy.From, opener) {
		return true
	}
	answerer := seen{c.orig.src, c.reply.src, c.orig.protocol, c.orig.from, c.reply.from, c.orig.icmpType}
	j, ok := js[answerer.local]
	return ok && !j.allows(j.Policy.To, answerer)
}

// seen is the packet that opened a connection, from the device's side.
type seen struct {
	remote, local         netip.Addr
	protocol              uint8
	remotePort, localPort uint16
	icmpType              int
}

// allows says what the rules do: the first that matches decides.
func (j judge) allows(rules []mud.Rule, s seen) bool {
	for _, r := range rules {
		inForce := r.State != mud.Answers && r.Held == "" && (r.Drop || matchable(r.ACE))
		if inForce && j.matches(r.ACE, s) {
			return !r.Drop
		}
	}
	return false
}

// matches says whether s is surely of an entry: not where it has fields that a connection does not tell.
func (j judge) matches(m mud.ACE, s seen) bool {
	family := mud.IPv4
	if s.remote.Is6() {
		family = mud.IPv6
	}
	if m.Family&family == 0 {
		return false
	}
	if m.Protocol != mud.AnyProtocol && m.Protocol != mud.Protocol(s.protocol) {
		return false
	}
	for _, f := range m.Fields {
		if f.Header != "icmp" || f.Name != "code" && (f.Name != "type" || int(f.Value) != s.icmpType) {
			return false
		}
	}
	for _, e := range m.Local {
		if !e.Prefix.Contains(s.local) {
			return false
		}
	}
	for _, e := range m.Remote {
		if !j.is(e, s.remote) {
			return false
		}
	}
	return inRange(m.RemotePort, s.remotePort) && inRange(m.LocalPort, s.localPort)
}

// is says whether an address is of an endpoint.
func (j judge) is(e mud.Endpoint, a netip.Addr) bool {
	if e.Kind == mud.Prefix {
		return e.Prefix.Contains(a)
	}
	if _, known := j.learned[e.Name][a]; known && e.Kind == mud.Name {
		return true
	}
	return slices.ContainsFunc(j.parties.find(e, j.MAC).spans(a.Is6()), func(s area) bool {
		return !a.Less(s.lo) && !s.hi.Less(a)
	})
}

func inRange(p mud.Ports, port uint16) bool {
	return !p.Set || (p.Low <= port && port <= p.High) != p.Not
}
