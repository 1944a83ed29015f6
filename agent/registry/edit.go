package registry

import (
	"slices"

	"spinneret/capture/packet"
)

// Edit is what the owner says about a device; a nil member stays as it is.
type Edit struct {
	Name      *string
	ClearName bool // the network names it again
	Kind      *string
	Ignored   *bool
	Trusted   *bool

	Exceptions     *[]string
	RefuseMappings *bool
	Controls       *[]string
	OnFinding      *string // "": the settings say
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
	set(&rec.Exceptions, e.Exceptions)
	set(&rec.RefuseMappings, e.RefuseMappings)
	set(&rec.OnFinding, e.OnFinding)
	set(&rec.Controls, e.Controls)
	if e.ClearName {
		rec.ownerName = ""
	}
	rec.markEdited()
	rec.pickName()
	return true
}

// Forget forgets a device. Its ID is not given again.
func (r *Registry) Forget(mac packet.MAC) {
	delete(r.byMAC, mac)
	r.order = slices.DeleteFunc(r.order, func(rec *record) bool { return rec.MAC == mac })
	r.index()
}

// markEdited notes whether the owner said anything about a device: such a device is never forgotten.
func (rec *record) markEdited() {
	rec.edited = rec.ownerName != "" || rec.Kind != "" || rec.Ignored || rec.Trusted || rec.RefuseMappings || rec.OnFinding != "" || len(rec.Exceptions)+len(rec.Controls) > 0
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Acts reports whether the owner wants something done about findings of any one device.
func (r *Registry) Acts() bool {
	return slices.ContainsFunc(r.order, func(rec *record) bool { return rec.OnFinding != "" })
}
