package agent

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/leases"
	"spinneret/openwrt/neigh"
)

// netChanged takes a new view of the kernel's links and neighbours.
func (h *home) netChanged(s neigh.Snapshot) {
	net, err := s.Home(h.options.LAN, h.options.WAN)
	if err != nil {
		h.missing(err)
	}
	h.dirty = true
	if !sameFirewall(h.net, net) {
		h.stale = true
	}
	h.net, h.snapshot = net, s
	h.knowStations()
	if h.door.Load() == nil {
		h.rememberDoor()
	}
	h.ports = make(map[int32]string, len(s.Links))
	for _, l := range s.Links {
		h.ports[l.Index] = l.Name
	}
	h.rememberPrefixes()
	h.rememberHome()
	h.rememberOutside(h.now())
	h.table.SetHome(captureHome(net))
	h.detector.SetRouter(net.RouterAddrs)
	if h.bridges != nil {
		h.relevel() // a bridge may have come or gone
	}
	if h.enforcer != nil {
		h.next()
	}
}

// missing tells once that a configured interface is not there; the rest works on.
func (h *home) missing(err error) {
	var gone *neigh.MissingError
	if !errors.As(err, &gone) || h.missingSaid == err.Error() {
		return
	}
	h.missingSaid = err.Error()
	h.log.Warn("look for the home's interfaces", "err", err)
	h.event(events.Event{Kind: "capability", Severity: "warning", Text: say.Plain(err.Error())})
}

// sameFirewall reports whether two views ask for the same rules: neighbours come and go without changing any.
func sameFirewall(a, b neigh.Home) bool {
	return slices.Equal(a.WAN, b.WAN) && slices.EqualFunc(a.LAN, b.LAN, func(x, y neigh.LAN) bool {
		return x.Name == y.Name && x.VLAN == y.VLAN && slices.Equal(x.Ports, y.Ports) && slices.Equal(x.Addrs, y.Addrs)
	})
}

func captureHome(n neigh.Home) *capture.Home {
	h := &capture.Home{
		LANInterfaces: n.Indexes, LAN: n.Prefixes, RouterAddrs: n.RouterAddrs,
		Neighbours: make(map[netip.Addr]packet.MAC, len(n.Neighbours)),
	}
	for _, mac := range slices.Concat(n.RouterMACs, n.NextHops) {
		h.RouterMACs = append(h.RouterMACs, mac)
	}
	for _, x := range n.Neighbours {
		h.Neighbours[x.Addr] = x.MAC
	}
	return h
}

func (h *home) firewallLANs() []firewall.LAN {
	lans := make([]firewall.LAN, len(h.net.LAN))
	for i, l := range h.net.LAN {
		lans[i] = firewall.LAN{Name: l.Name, Ports: l.Ports, VLAN: l.VLAN != 0, Router: l.Addrs}
	}
	return lans
}

// observeDevices brings the registry up to date and remembers who is new.
func (h *home) observeDevices(now time.Time) {
	h.devsBuf = h.table.AppendDevices(h.devsBuf[:0])
	h.silentBuf = h.table.AppendSilent(h.silentBuf[:0])
	h.dhcpBuf = h.dhcp.Append(h.dhcpBuf[:0])
	for _, mac := range h.registry.Observe(now, registry.Input{
		Devices: h.devsBuf, Uncounted: h.uncounted, Silent: h.silentBuf, Leases: h.leases, Neighbours: h.neighbours(), Quarantined: h.needed(),
		DHCP: h.dhcpBuf, Names: h.options.Names, Announced: h.names.Announced, Stations: h.snapshot.Stations, Moves: h.snapshot.Moves, Ports: h.ports,
	}) {
		h.arrive(mac, now)
	}
}

// cutOff lists the devices under an order.
func (h *home) cutOff() (macs []packet.MAC) {
	for _, o := range h.book.All() {
		macs = append(macs, o.MAC)
	}
	return macs
}

// leasesChanged takes new leases. A device that is cut off may speak ARP from its own lease only: the rules follow it.
func (h *home) leasesChanged(list []leases.Lease) {
	before := map[packet.MAC]netip.Addr{}
	for _, mac := range h.cutOff() {
		before[mac] = h.leaseOf(mac)
	}
	h.leases, h.dirty = list, true
	for mac, addr := range before {
		if h.leaseOf(mac) != addr {
			h.stale = true
		}
	}
	if h.enforcer != nil {
		h.next()
	}
}

// homeAddresses are the addresses of the home that a device ever used. Others that it sent from are forged: to end
// their connections would end those of whoever really has them.
func (h *home) homeAddresses(mac packet.MAC) (list []netip.Addr) {
	for _, a := range h.registry.Addresses(mac) {
		if a.IsLinkLocalUnicast() || slices.ContainsFunc(h.prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) {
			list = append(list, a)
		}
	}
	return list
}

// rememberPrefixes keeps the home's prefixes of the past too: the provider changes them, and connections go on.
func (h *home) rememberPrefixes() {
	for _, p := range h.net.Prefixes {
		if !slices.Contains(h.prefixes, p) {
			h.prefixes = append(h.prefixes, p)
		}
	}
	h.prefixes = h.prefixes[max(0, len(h.prefixes)-maxPrefixes):]
}

const maxPrefixes = 64

// leaseOf is the IPv4 address that the router gave to a device; not valid where it gave none.
func (h *home) leaseOf(mac packet.MAC) netip.Addr {
	for _, l := range h.leases {
		if l.MAC == mac && l.Addr.Is4() {
			return l.Addr
		}
	}
	return netip.Addr{}
}

func (h *home) nameOf(mac packet.MAC) string {
	if d, ok := h.registry.Get(mac); ok {
		return d.Name
	}
	return mac.String()
}
