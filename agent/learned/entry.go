package learned

import (
	"net/netip"

	"spinneret/capture/packet"
)

// ace is one half of a line: what the device sends, or what is sent to it.
func (l line) ace(name string, v4, from bool) ace {
	a := ace{Name: name, Matches: map[string]any{}}
	a.Actions.Forwarding = "accept"
	a.Matches[family(v4)] = l.ip(v4, from)
	if l.home {
		a.Matches["ietf-mud:mud"] = map[string]any{"local-networks": []any{nil}}
	}
	switch l.protocol {
	case packet.ProtoTCP:
		tcp := l.transport(from)
		tcp["ietf-mud:direction-initiated"] = "to-device"
		if l.opened {
			tcp["ietf-mud:direction-initiated"] = "from-device"
		}
		a.Matches["tcp"] = tcp
	case packet.ProtoUDP:
		if udp := l.transport(from); len(udp) > 0 {
			a.Matches["udp"] = udp
		}
	case packet.ProtoICMP, packet.ProtoICMPv6:
		a.Matches["icmp"] = map[string]any{"type": l.echo(v4, from), "code": 0}
	}
	return a
}

// ip names the protocol and the other side. What is sent to a group is answered from anywhere in the home.
func (l line) ip(v4, from bool) map[string]any {
	ip := map[string]any{"protocol": int(l.protocol)}
	if l.protocol == packet.ProtoICMP && !v4 {
		ip["protocol"] = packet.ProtoICMPv6
	}
	side := "source"
	if from {
		side = "destination"
	}
	switch {
	case l.name != "" && from:
		ip["ietf-acldns:dst-dnsname"] = l.name
	case l.name != "":
		ip["ietf-acldns:src-dnsname"] = l.name
	case l.addr.IsValid() && (from || !l.group):
		ip[side+"-"+family(v4)+"-network"] = netip.PrefixFrom(l.addr, l.addr.BitLen()).String()
	}
	return ip
}

// transport names the port of the side that was called.
func (l line) transport(from bool) map[string]any {
	if l.port == 0 {
		return map[string]any{}
	}
	port := "source-port"
	if from == l.opened {
		port = "destination-port"
	}
	return map[string]any{port: map[string]any{"operator": "eq", "port": l.port}}
}

// echo is the type of a ping or its answer: what a connection of ICMP is but for errors, which need no entry (RFC 792,
// RFC 4443 section 4).
func (l line) echo(v4, from bool) int {
	request, reply := 128, 129
	if v4 {
		request, reply = 8, 0
	}
	if from == l.opened {
		return request
	}
	return reply
}
