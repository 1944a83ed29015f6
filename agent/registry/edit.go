package registry

import "spinneret/capture/packet"

// Edit is what the owner says about a device; a nil member stays as it is.
type Edit struct {
	Name      *string
	ClearName bool // the network names it again
	Kind      *string
	Ignored   *bool
	Trusted   *bool
}

// Edit changes what the owner says about a device, and reports whether there is such a device.
func (r *Registry) Edit(mac packet.MAC, e Edit) bool {
	rec := r.byMAC[mac]
	if rec == nil {
		return false
	}
	set(&rec.ownerName, e.Name)
	set(&rec.Kind, e.Kind)
	set(&rec.Ignored, e.Ignored)
	set(&rec.Trusted, e.Trusted)
	if e.ClearName {
		rec.ownerName = ""
	}
	rec.edited = rec.ownerName != "" || rec.Kind != "" || rec.Ignored || rec.Trusted
	rec.pickName()
	return true
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
