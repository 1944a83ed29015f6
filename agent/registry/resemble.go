package registry

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"spinneret/capture/names"
	"spinneret/capture/packet"
)

const (
	// maxOneDevice is how many IPv4 addresses one device may have.
	maxOneDevice = 3
	maxLabel     = 63 // RFC 1035 section 2.3.4: a host's name under .local is one label (RFC 6762 section 3)
	// goneAfter is how long a device is silent until it may have become another.
	goneAfter = time.Minute
)

// hear takes what the devices say of themselves by DHCP.
func (r *Registry) hear(in Input) {
	for i := range in.DHCP {
		c := &in.DHCP[i]
		rec := r.byMAC[c.MAC]
		if rec == nil {
			continue
		}
		if c.Fingerprint != "" {
			rec.Fingerprint = c.Fingerprint
		}
		if c.Hostname != "" {
			rec.Hostname = c.Hostname
		}
	}
}

// hearAnnounced takes what a device that has no better name calls itself by mDNS. A host that answers for others that
// sleep announces their names too: only one for an address that it has itself is its own.
func (rec *record) hearAnnounced(announced func(packet.MAC) (names.Name, bool)) {
	if announced == nil || rec.ownerName != "" || rec.uciName != "" || rec.dhcpName != "" || rec.Hostname != "" {
		return
	}
	n, ok := announced(rec.MAC)
	name := strings.TrimSuffix(n.Name, ".local")
	if ok && name != "" && len(name) <= maxLabel && slices.Contains(rec.Addresses, n.Addr) {
		rec.mdnsName = name
	}
}

// several reports whether so many addresses are more than one device has. A link-local one comes beside the lease.
func several(addresses []netip.Addr) bool {
	n := 0
	for _, a := range addresses {
		if a.Is4() && !a.IsLinkLocalUnicast() {
			n++
		}
	}
	return n > maxOneDevice
}

// SameFingerprint reports whether two devices ask for the same by DHCP: they are of one make and version, or one under
// two MACs. Never where one said nothing.
func (r *Registry) SameFingerprint(mac, other packet.MAC) bool {
	a, b := r.byMAC[mac], r.byMAC[other]
	return a != nil && b != nil && a != b && a.Fingerprint != "" && a.Fingerprint == b.Fingerprint
}

// Resembles returns the device that this one probably was before it took another MAC: a known one with a made-up MAC
// and the same fingerprint and hostname, not heard since this one came nor for a minute; the one heard last of
// several. It is a guess, fit to be told to the owner and no more: phones of one make have the same of both.
func (r *Registry) Resembles(mac packet.MAC) (packet.MAC, bool) {
	d := r.byMAC[mac]
	if d == nil || d.Fingerprint == "" || d.Hostname == "" {
		return packet.MAC{}, false
	}
	var best *record
	for _, rec := range r.order {
		alike := rec != d && rec.MAC.IsLocal() && rec.Fingerprint == d.Fingerprint && rec.Hostname == d.Hostname
		gone := rec.First.Before(d.First) && rec.Last.Before(d.First) && r.now.Sub(rec.Last) >= goneAfter
		if alike && gone && (best == nil || rec.Last.After(best.Last)) {
			best = rec
		}
	}
	if best == nil {
		return packet.MAC{}, false
	}
	return best.MAC, true
}
