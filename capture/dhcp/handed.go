package dhcp

import (
	"net/netip"
	"slices"
	"sync"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Options in which a server hands out servers (RFC 2132 sections 3.8 and 8.3, RFC 3646).
const (
	v4Resolvers   = 6
	v4TimeServers = 42
	v6Resolvers   = 23
)

// maxHanded is how many servers of a kind are remembered; a client is told of three at most.
const maxHanded = 8

// Handed keeps which servers the router's own DHCP hands out. Any goroutine may call it.
type Handed struct {
	mu              sync.Mutex
	resolvers, time []netip.Addr // the latest last
}

var _ capture.Observer = (*Handed)(nil).Observe

// Observe learns from one packet, where it is an answer of the router's DHCP: nobody else is believed, whatever they
// call themselves. It allocates nothing for other packets.
func (h *Handed) Observe(p *packet.Packet, _, _ packet.MAC) {
	if p.In != 0 || p.Proto != packet.ProtoUDP || p.Fragment || len(p.Payload) == 0 || len(p.Payload) > maxMessage {
		return
	}
	switch {
	case p.EtherType == packet.EtherTypeIPv6 && p.SrcPort == v6ServerPort:
		h.v6(p.Payload)
	case p.EtherType == packet.EtherTypeIPv4 && p.SrcPort == v4ServerPort:
		h.v4(p.Payload)
	}
}

func (h *Handed) v4(b []byte) {
	const options = 240
	var o optionsV4
	if m, err := ParseV4(b); err != nil || !m.Reply || m.Type != Ack || o.readAll(b, options) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.resolvers = handed(h.resolvers, o[v4Resolvers], 4)
	h.time = handed(h.time, o[v4TimeServers], 4)
}

func (h *Handed) v6(b []byte) {
	header, err := headerV6(b)
	if err != nil || b[0] != reply {
		return
	}
	o, err := readV6(b[header:])
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.resolvers = handed(h.resolvers, o[v6Resolvers], 16)
}

// handed adds the addresses of an option, each of so many octets.
func handed(list []netip.Addr, b []byte, octets int) []netip.Addr {
	if len(b)%octets != 0 {
		return list
	}
	for ; len(b) > 0; b = b[octets:] {
		a, _ := netip.AddrFromSlice(b[:octets])
		if a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() {
			continue
		}
		if i := slices.Index(list, a); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
		list = append(list, a)
	}
	return slices.Delete(list, 0, max(0, len(list)-maxHanded))
}

// Servers gives what is handed out, in order.
func (h *Handed) Servers() (resolvers, timeServers []netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	resolvers, timeServers = slices.Clone(h.resolvers), slices.Clone(h.time)
	slices.SortFunc(resolvers, netip.Addr.Compare)
	slices.SortFunc(timeServers, netip.Addr.Compare)
	return resolvers, timeServers
}

// Adopt takes over what an earlier run saw: devices ask again when half of their lease is over.
func (h *Handed) Adopt(resolvers, timeServers []netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.resolvers, h.time = slices.Concat(resolvers, h.resolvers), slices.Concat(timeServers, h.time)
}
