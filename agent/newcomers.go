package agent

import (
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/capture/packet"
	"spinneret/openwrt/uci"
)

const (
	// newbornPause is how long the word of a new device waits: its DHCP lease brings its name within this.
	newbornPause = 2 * time.Second

	// settling is how long after the very first start whoever is heard counts as having been there before: a
	// home must not lose its internet because somebody installed this.
	settling = 10 * time.Second

	heldWhy = "new device: held until you allow it"
)

// newcomer is a device that was just heard of for the first time.
type newcomer struct {
	since time.Time
	held  bool
}

// arrive notes a new device, and holds it where the owner, or the company that it keeps, asks for that.
func (h *home) arrive(mac packet.MAC, now time.Time) {
	h.unsaved = true
	n := newcomer{since: now}
	if h.enforcer != nil && !h.settled(now) {
		h.newborn[mac] = n
		return
	}
	why := h.suspicion(mac)
	if why == "" && h.options.NewDevices == uci.NewHold {
		why = heldWhy
	}
	if h.enforcer != nil && why != "" {
		n.held = true
		h.hold(mac, why)
	}
	h.newborn[mac] = n
}

// settled reports whether devices that are heard now are really new.
func (h *home) settled(now time.Time) bool { return h.returning || now.Sub(h.started) > settling }

// hold keeps a device off the internet until the owner agrees.
func (h *home) hold(mac packet.MAC, why string) {
	now := h.now()
	h.submit(change{
		edit: func(b *decide.Book) {
			b.Put(decide.Order{MAC: mac, Level: "internet", Source: decide.Owner, Why: why, Since: now, Held: true, Unsure: !h.clockSet})
		},
		done: func(error) {},
	})
}

// announce tells of new devices once they have a name, or have gone without for too long.
func (h *home) announce(now time.Time) {
	for mac, n := range h.newborn {
		d, known := h.registry.Get(mac)
		if known && (d.NameSource == registry.NameMAC || d.NameSource == registry.NameVendor) && now.Sub(n.since) < newbornPause {
			continue
		}
		delete(h.newborn, mac)
		if known && (n.held || h.options.NewDevices != uci.NewAllow) {
			h.event(h.arrival(mac, n.held))
		}
	}
}

func (h *home) arrival(mac packet.MAC, held bool) events.Event {
	e := events.Event{Kind: events.Device, Severity: events.Note, Device: mac, Text: h.nameOf(mac) + " joined for the first time"}
	if before, ok := h.registry.Resembles(mac); ok {
		e.Text += "; it looks just like " + h.nameOf(before) + ", which is gone: perhaps the same device with a new random MAC"
	}
	if held {
		e.Severity = events.Warning
		e.Text += ": it has no internet until you allow it"
		e.Undo = h.undoQuarantine(mac)
	}
	return e
}

// undoQuarantine is the request that lets a device back in.
func (h *home) undoQuarantine(mac packet.MAC) *events.Undo {
	return &events.Undo{Method: "DELETE", Path: "/api/v1/devices/" + mac.String() + "/quarantine"}
}

// suspicion is why a new device is held whatever the owner chose: while something is cut off, whoever appears on
// its port or looks just like it may be the same device under another MAC.
func (h *home) suspicion(mac packet.MAC) string {
	for _, other := range slices.Concat(h.registry.OnPortWith(mac), h.registry.SameFingerprint(mac)) {
		if len(h.book.Of(other)) > 0 {
			return "it may be " + h.nameOf(other) + " under another MAC: held until you allow it"
		}
	}
	return ""
}

// tellContests says once for each contest that a MAC is claimed on two ports. Nothing is cut for it: it is not known
// which of the two is the device.
func (h *home) tellContests() {
	for _, d := range h.registry.All() {
		if !d.Contested {
			delete(h.contested, d.MAC)
			continue
		}
		if !h.contested[d.MAC] {
			h.contested[d.MAC] = true
			h.event(events.Event{
				Kind: events.Device, Severity: events.Warning, Device: d.MAC,
				Text: d.Name + " was seen on two ports within a minute, last on " + d.Port + ": it moved, or another device uses its MAC",
			})
		}
	}
}
