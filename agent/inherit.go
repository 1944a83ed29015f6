package agent

import (
	"context"
	"net/http"
	"slices"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/mud/shelf"
	"spinneret/ui"
)

// Inherit implements ui.Backend: what the owner said about the old MAC and what was learned of it goes over to the new
// one, and so does each quarantine. The old MAC stays cut off too, and is hidden.
func (h *home) Inherit(ctx context.Context, mac string, o ui.InheritOrder) (ui.Device, error) {
	return h.await(ctx, mac, func(m packet.MAC, done func(error)) error {
		old, err := h.mayInherit(m, o)
		if err != nil {
			return err
		}
		carry := func(b *decide.Book) { b.Carry(old.MAC, m) }
		trial := h.book.Clone()
		carry(trial)
		if err := h.tooMuch(trial, "from"); err != nil {
			return err
		}
		if h.enforcer == nil {
			h.inherit(old, m)
			done(nil)
			return nil
		}
		h.submit(change{edit: carry, done: func(err error) {
			if err == nil || holds(err) {
				h.inherit(old, m)
				h.stale = true // what the owner allows it while it is cut off
			}
			done(err)
		}})
		return nil
	})
}

// mayInherit is the old device, where it can be one that is gone.
func (h *home) mayInherit(m packet.MAC, o ui.InheritOrder) (registry.Device, error) {
	mac, err := h.known(o.From, true)
	if err != nil {
		return registry.Device{}, err
	}
	old, _ := h.registry.Get(mac)
	switch {
	case len(h.queue) >= commandQueue:
		return old, busy()
	case mac == m:
		return old, &ui.Problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a valid request",
			Detail: "from is the device itself: give the MAC that it had before", Member: "from",
		}
	case h.now().Sub(old.Last) < registry.GoneAfter:
		return old, &ui.Problem{
			Status: http.StatusConflict, Code: "in-use", Title: "Another device",
			Detail: old.Name + " was heard within the last minute: one device has not two MACs at once",
		}
	}
	asking, _ := h.registry.ByID(h.asker(o.Asker))
	if asking.MAC == m && h.restrained(mac) && !o.Acknowledge {
		return old, ownDevice("under the MAC that it had before it is cut off or held to a description, and would be again: let it back in first")
	}
	return old, nil
}

func (h *home) restrained(mac packet.MAC) bool {
	holder, _ := h.shelf.Holder(mac)
	return len(h.book.Of(mac)) > 0 || holder.Mode == shelf.Enforce
}

func (h *home) inherit(old registry.Device, m packet.MAC) {
	h.event(events.Event{
		Kind: events.Audit, Severity: events.Note, Device: m, Cause: "owner",
		Text: say.New("adds", h.nameOf(m), old.Name),
	})
	h.registry.Inherit(old.MAC, m)
	h.detector.Inherit(old.MAC, m)
	h.inheritProfile(old, m)
	for id, a := range h.actedOn {
		if held := a.devices(); slices.Contains(held, old.MAC) && !slices.Contains(held, m) {
			a.Heirs = append(held[1:], m)
			h.actedOn[id] = a
		}
	}
	h.dirty, h.unsaved, h.ownerSaid, h.alike = true, true, true, h.registry.Alike()
	h.keepDevices(h.now())
	h.keepHabits(h.now())
}

// inheritProfile holds a device to its maker's description as the old one is. The old MAC stays held to it too.
func (h *home) inheritProfile(old registry.Device, m packet.MAC) {
	if err := h.shelf.Inherit(old.MAC, m, h.now()); err != nil {
		h.log.Error("the description of "+old.Name+" was not taken over", "device", m, "err", err)
	}
	h.profileHurry = true
	h.keepProfiles(h.now())
}

// before are the devices that one may have been under another MAC.
func (h *home) before(d registry.Device) []ui.Before {
	mac, ok := h.alike[d.MAC]
	if !ok {
		return []ui.Before{}
	}
	why := say.New("before", d.Hostname)
	return []ui.Before{{MAC: mac.String(), Name: h.nameOf(mac), Why: why.String(), Say: ui.Say(why.Array())}}
}
