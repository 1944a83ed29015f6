package registry

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/dhcp"
	"spinneret/capture/names"
	"spinneret/capture/oui"
	"spinneret/capture/packet"
	"spinneret/openwrt/leases"
	"spinneret/openwrt/neigh"
)

// Input is all that is known of the home at one moment.
type Input struct {
	Devices    []capture.Device  // of the capture table
	Uncounted  bool              // not since the last round: rates stay until they are
	Silent     []capture.Device  // which the capture table only saw sent to
	Leases     []leases.Lease    // of the DHCP server
	Neighbours []neigh.Neighbour // on the LAN interfaces, without the router's own
	DHCP       []dhcp.Client     // what the devices say of themselves

	Names map[[6]byte]string // that the owner gave in the router's DHCP settings; never changed in place

	// Announced is what a device calls itself by mDNS, nil where nobody listens.
	Announced func(packet.MAC) (names.Name, bool)

	// Stations tell the ports behind the devices, in order of MAC; Ports are the names of these. Moves may be the
	// same ones again, each is taken once.
	Stations []neigh.Station
	Moves    []neigh.Move
	Ports    map[int32]string

	// Quarantined devices are never evicted.
	Quarantined []packet.MAC
}

// Observe brings every device up to date and returns the MACs that were not known before. A MAC becomes a device
// when the capture table or the kernel's neighbour table has it; a lease alone, which is a line in a file, makes none.
func (r *Registry) Observe(now time.Time, in Input) (added []packet.MAC) {
	r.now = now
	added = r.admit(now, in)
	r.collect(now, in)
	r.locate(now, in)
	r.hear(in)
	for _, rec := range r.order {
		rec.settle(now, !in.Uncounted)
		rec.hearAnnounced(in.Announced)
		rec.pickName()
	}
	r.index()
	for _, rec := range r.order {
		r.remember(rec)
	}
	return added
}

// admit makes records for new MACs, as far as there is room.
func (r *Registry) admit(now time.Time, in Input) (added []packet.MAC) {
	for _, rec := range r.order {
		rec.present, rec.leased, rec.named, rec.current = false, false, false, rec.current[:0]
	}
	// Those already known first: what is present now must not make room for what is new.
	for i := range in.Devices {
		r.mark(in.Devices[i].MAC)
	}
	for _, n := range in.Neighbours {
		r.mark(n.MAC)
	}
	for i := range in.Devices {
		if d := &in.Devices[i]; r.add(d.MAC, d.First, in.Quarantined) {
			added = append(added, d.MAC)
		}
	}
	for _, n := range in.Neighbours {
		if r.add(n.MAC, now, in.Quarantined) {
			added = append(added, n.MAC)
		}
	}
	if len(added) > 0 {
		r.sort()
	}
	return added
}

func (r *Registry) mark(mac packet.MAC) {
	if rec := r.byMAC[mac]; rec != nil {
		rec.present = true
	}
}

// add makes a record unless there is one, or no room.
func (r *Registry) add(mac packet.MAC, first time.Time, quarantined []packet.MAC) bool {
	if r.byMAC[mac] != nil || !mac.IsUnicast() || !r.makeRoom(quarantined) {
		return false
	}
	r.lastID++
	// In milliseconds, as people are told it: their order is then the one that they see.
	rec := &record{Device: Device{ID: r.lastID, MAC: mac, First: first.Truncate(time.Millisecond)}, present: true}
	rec.Vendor, _ = oui.Vendor(mac)
	r.byMAC[mac] = rec
	r.order = append(r.order, rec)
	return true
}

// collect takes this round's counters, addresses and names.
func (r *Registry) collect(now time.Time, in Input) {
	for i := range in.Devices {
		d := &in.Devices[i]
		if rec := r.byMAC[d.MAC]; rec != nil {
			rec.count(d)
			if d.Last.After(rec.Last) {
				rec.Last = d.Last
			}
			for _, a := range d.Addresses {
				rec.has(a)
			}
		}
	}
	for i := range in.Silent { // the neighbour table has them, or an earlier run had
		if rec := r.byMAC[in.Silent[i].MAC]; rec != nil {
			rec.count(&in.Silent[i])
		}
	}
	for _, rec := range r.order {
		rec.uciName = in.Names[rec.MAC]
	}
	for _, l := range in.Leases {
		r.lease(now, l)
	}
	for _, n := range in.Neighbours {
		if rec := r.byMAC[n.MAC]; rec != nil {
			rec.has(n.Addr)
		}
	}
}

// lease takes one line of the lease file. Those of DHCPv6 know no MAC: they belong to who had the address last round.
func (r *Registry) lease(now time.Time, l leases.Lease) {
	v6 := l.MAC == (packet.MAC{})
	rec := r.byMAC[l.MAC]
	if v6 {
		rec = r.byAddr[l.Addr]
	}
	if rec == nil || !l.Expires.IsZero() && !l.Expires.After(now) {
		return
	}
	rec.leased = true
	rec.has(l.Addr)
	if l.Name != "" && (!v6 || !rec.named) {
		rec.dhcpName, rec.named = l.Name, true
	}
}

// has adds an address of this round.
func (rec *record) has(a netip.Addr) {
	if a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && len(rec.current) < maxAddresses && !slices.Contains(rec.current, a) {
		rec.current = append(rec.current, a)
	}
}

// settle draws the conclusions of this round.
func (rec *record) settle(now time.Time, counted bool) {
	slices.SortFunc(rec.current, netip.Addr.Compare)
	if !slices.Equal(rec.Addresses, rec.current) {
		rec.Addresses = slices.Clone(rec.current)
	}
	rec.Several = several(rec.Addresses)
	rec.settlePort(now)
	heard := !rec.Last.IsZero() && now.Sub(rec.Last) < onlineFor
	rec.Online = heard || rec.leased
	if counted {
		rec.settleRates(now)
	}
}

// index says whose each present address is.
func (r *Registry) index() {
	clear(r.byAddr)
	for _, rec := range r.order {
		for _, a := range rec.Addresses {
			if other := r.byAddr[a]; other == nil || rec.Last.After(other.Last) {
				r.byAddr[a] = rec
			}
		}
	}
}

// pickName takes the best name there is.
func (rec *record) pickName() {
	switch {
	case rec.ownerName != "":
		rec.Name, rec.NameSource = rec.ownerName, NameOwner
	case rec.uciName != "":
		rec.Name, rec.NameSource = rec.uciName, NameUCI
	case rec.dhcpName != "":
		rec.Name, rec.NameSource = rec.dhcpName, NameDHCP
	case rec.Hostname != "": // where another machine than the router gives out the leases
		rec.Name, rec.NameSource = rec.Hostname, NameDHCP
	case rec.mdnsName != "":
		rec.Name, rec.NameSource = rec.mdnsName, NameMDNS
	case rec.Vendor != "":
		if rec.NameSource != NameVendor {
			// Two of one make need two names: the last half of the MAC tells them apart.
			rec.Name, rec.NameSource = rec.Vendor+" "+rec.MAC.String()[9:], NameVendor
		}
	case rec.NameSource != NameMAC:
		rec.Name, rec.NameSource = rec.MAC.String(), NameMAC
	}
}
