package registry

import (
	"cmp"
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
	// GoneAfter is how long a device is silent until it may have become another.
	GoneAfter = time.Minute
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

// maxAlike devices of one fingerprint and hostname are compared: of more nobody can say which is which.
const maxAlike = 16

// Alike returns for devices which one each probably was before it took another MAC: a known one with the same
// fingerprint and hostname, one of the two MACs made up, not heard since this one came nor for a minute; the one heard
// last of several. It is a guess, fit to be told to the owner and no more: phones of one make have the same of both. Who
// is hidden is not meant.
func (r *Registry) Alike() map[packet.MAC]packet.MAC {
	groups := map[[2]string][]*record{}
	for _, rec := range r.order {
		if rec.Fingerprint != "" && rec.Hostname != "" && !rec.Ignored {
			key := [2]string{rec.Fingerprint, rec.Hostname}
			groups[key] = append(groups[key], rec)
		}
	}
	found := map[packet.MAC]packet.MAC{}
	for _, group := range groups {
		if len(group) > maxAlike {
			continue
		}
		for _, rec := range group {
			if before := r.before(rec, group); before != nil {
				found[rec.MAC] = before.MAC
			}
		}
	}
	return found
}

// before is which of a group that looks alike was there before a device, and is gone; nil where none was.
func (r *Registry) before(d *record, group []*record) (best *record) {
	for _, rec := range group {
		gone := rec.First.Before(d.First) && rec.Last.Before(d.First) && r.now.Sub(rec.Last) >= GoneAfter
		if gone && (rec.MAC.IsLocal() || d.MAC.IsLocal()) && (best == nil || rec.Last.After(best.Last)) {
			best = rec
		}
	}
	return best
}

// Inherit gives a device what the owner said about another: it is the same one under a new MAC. What the owner said about
// it itself stays. Nothing is left of that on the old one, which is hidden.
func (r *Registry) Inherit(from, to packet.MAC) bool {
	old, rec := r.byMAC[from], r.byMAC[to]
	if old == nil || rec == nil || old == rec {
		return false
	}
	rec.ownerName, old.ownerName = cmp.Or(rec.ownerName, old.ownerName), ""
	rec.Kind, old.Kind = cmp.Or(rec.Kind, old.Kind), ""
	rec.OnFinding, old.OnFinding = cmp.Or(rec.OnFinding, old.OnFinding), ""
	rec.Trusted, old.Trusted = rec.Trusted || old.Trusted, false
	rec.RefuseMappings, old.RefuseMappings = rec.RefuseMappings || old.RefuseMappings, false
	if len(rec.Exceptions) == 0 {
		rec.Exceptions, old.Exceptions = old.Exceptions, nil
	}
	if len(rec.Controls) == 0 {
		rec.Controls, old.Controls = old.Controls, nil
	}
	old.Ignored = true
	for _, x := range []*record{old, rec} {
		x.markEdited()
		x.pickName()
	}
	return true
}
