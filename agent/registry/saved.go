package registry

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture/packet"
)

// Saved is what of one device survives a restart.
type Saved struct {
	MAC              packet.MAC
	First            time.Time
	Name             string // the owner's, "" for none
	DHCPName         string
	Kind             string
	Ignored, Trusted bool
	Exceptions       []string
	RefuseMappings   bool
	Controls         []string
	OnFinding        string
	Ever             []netip.Addr

	// A device that is cut off is seen behind no port, and says nothing, until it is released.
	Port, Fingerprint, Hostname string

	RxBytes, TxBytes, RxPackets, TxPackets uint64 // since First
}

// Save writes every device down, in the order of All.
func (r *Registry) Save() []Saved {
	list := make([]Saved, len(r.order))
	for i, rec := range r.order {
		list[i] = Saved{
			rec.MAC, rec.First.UTC().Round(0), rec.ownerName, rec.dhcpName, rec.Kind, rec.Ignored, rec.Trusted,
			rec.Exceptions, rec.RefuseMappings, rec.Controls, rec.OnFinding, slices.Clone(rec.ever),
			rec.Port, rec.Fingerprint, rec.Hostname,
			rec.RxBytes, rec.TxBytes, rec.RxPackets, rec.TxPackets,
		}
	}
	return list
}

// Restore takes devices from an earlier run into an empty registry. They are offline until they are heard.
func (r *Registry) Restore(list []Saved) {
	for _, s := range list {
		if !r.add(s.MAC, s.First, nil) {
			continue
		}
		rec := r.byMAC[s.MAC]
		rec.ownerName, rec.dhcpName, rec.Kind = s.Name, s.DHCPName, s.Kind
		rec.Ignored, rec.Trusted = s.Ignored, s.Trusted
		rec.Exceptions, rec.RefuseMappings, rec.OnFinding = s.Exceptions, s.RefuseMappings, s.OnFinding
		rec.Controls = s.Controls
		rec.ever = s.Ever[max(0, len(s.Ever)-maxEver):]
		rec.Port, rec.Fingerprint, rec.Hostname = s.Port, s.Fingerprint, s.Hostname
		rec.RxBytes, rec.TxBytes, rec.RxPackets, rec.TxPackets = s.RxBytes, s.TxBytes, s.RxPackets, s.TxPackets
		rec.markEdited()
		rec.pickName()
	}
	r.sort()
}
