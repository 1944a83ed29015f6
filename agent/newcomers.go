package agent

import (
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/uci"
)

const (
	// newbornPause is how long the word of a new device waits: its DHCP lease brings its name within this.
	newbornPause = 2 * time.Second

	// watched is how long a new device is looked at. Its port is known after some 200 ms, its fingerprint with DHCP;
	// and an old device counts as gone after a minute of silence.
	watched = 75 * time.Second

	// settling is how long after the very first start whoever is heard counts as having been there before: a
	// home must not lose its internet because somebody installed this.
	settling = 10 * time.Second

	// maxHeld bounds what a device that makes up MACs can fill: the book, the flash, and the owner's patience.
	maxHeld = 64
)

// newcomer is a device that was heard of for the first time not long ago.
type newcomer struct {
	since time.Time
	known bool // it was here before we were
	held  bool
	why   say.Phrase // it is held, beside being new; empty: no more than that
	told  bool
}

// arrive notes a new device, and holds it where the owner asks for that.
func (h *home) arrive(mac packet.MAC, now time.Time) {
	h.unsaved = true
	n := newcomer{since: now, known: !h.settled(now)}
	if !n.known && h.enforcer != nil && h.options.NewDevices == uci.NewHold {
		n.held = true
		h.hold(mac, say.New("held"))
	}
	h.newborn[mac] = n
}

// watchNewcomers looks at new devices for a while: their names, ports and fingerprints come after their first frame.
func (h *home) watchNewcomers(now time.Time) {
	cut := h.cutOff()
	for mac, n := range h.newborn {
		d, known := h.registry.Get(mac)
		age := now.Sub(n.since)
		if !known || age > watched {
			delete(h.newborn, mac)
			if before, alike := h.registry.Alike()[mac]; known && alike && !n.known {
				h.event(h.sameAgain(d, before))
			}
			continue
		}
		if !n.known && !n.held && h.enforcer != nil {
			if why := h.suspicion(mac, cut); !why.IsZero() {
				n.held, n.why, n.told = true, why, false
				h.hold(mac, say.New("held.like", why))
			}
		}
		unnamed := d.NameSource == registry.NameMAC || d.NameSource == registry.NameVendor
		if !n.told && (!unnamed || age >= newbornPause) {
			n.told = true
			if n.held || h.options.NewDevices != uci.NewAllow {
				h.event(h.arrival(mac, n))
			}
		}
		h.newborn[mac] = n
	}
}

// sameAgain tells that a new device looks like one that is gone.
func (h *home) sameAgain(d registry.Device, before packet.MAC) events.Event {
	return events.Event{
		Kind: events.Device, Severity: events.Note, Device: d.MAC,
		Text: say.New("twin", d.Name, h.nameOf(before)),
	}
}

// settled reports whether devices that are heard now are really new.
func (h *home) settled(now time.Time) bool { return h.returning || now.Sub(h.started) > settling }

// holding counts the devices that wait for the owner.
func (h *home) holding() (n int) {
	for _, o := range h.book.All() {
		if o.Held {
			n++
		}
	}
	return n
}

// hold keeps a device off the internet until the owner agrees.
func (h *home) hold(mac packet.MAC, why say.Phrase) {
	now := h.now()
	waiting := len(h.queue)
	if h.trying != nil {
		waiting++
	}
	if h.logins != nil && h.logins.HeldOwner(mac.String()) {
		return // nobody is locked out: the owner came from it within the last 30 days
	}
	if h.holding()+waiting >= maxHeld {
		h.tellFlood()
		return
	}
	h.submit(change{
		edit: func(b *decide.Book) {
			b.Put(decide.Order{MAC: mac, Level: "internet", Source: decide.Owner, Why: why, Since: now, Held: true, Unsure: !h.clockSet})
		},
		done: func(error) {},
	})
}

func (h *home) arrival(mac packet.MAC, n newcomer) events.Event {
	e := events.Event{Kind: events.Device, Severity: events.Note, Device: mac, Text: say.New("joined", h.nameOf(mac))}
	if !n.why.IsZero() {
		e.Text = say.New("because", e.Text, n.why)
	}
	if n.held {
		e.Severity = events.Warning
		e.Text = say.New("joined.held", e.Text)
		e.Undo = h.undoQuarantine(mac)
	}
	return e
}

// undoQuarantine is the request that lets a device back in.
func (h *home) undoQuarantine(mac packet.MAC) *events.Undo {
	return &events.Undo{Method: "DELETE", Path: "/api/v1/devices/" + mac.String() + "/quarantine"}
}

// suspicion is why a new device is held whatever the owner chose: while something is cut off, whoever appears on
// its port or looks just like it may be the same device under another MAC. cut are those that are cut off: a flood of
// made-up MACs brings a thousand new devices behind one port, which must not all be compared with each other.
func (h *home) suspicion(mac packet.MAC, cut []packet.MAC) say.Phrase {
	for _, other := range cut {
		if h.registry.OnPortWith(mac, other) || h.registry.SameFingerprint(mac, other) {
			return say.New("like", h.nameOf(other))
		}
	}
	return say.Phrase{}
}

// tellContests says once for each contest that a MAC is claimed on two ports. Nothing is cut for it: it is not known
// which of the two is the device.
func (h *home) tellContests() {
	for d := range h.registry.All() {
		if !d.Contested {
			delete(h.contested, d.MAC)
			continue
		}
		if !h.contested[d.MAC] {
			h.contested[d.MAC] = true
			h.event(events.Event{
				Kind: events.Device, Severity: events.Warning, Device: d.MAC,
				Text: say.New("contested", d.Name, d.Port),
			})
		}
	}
}

// tellFlood says once a minute that there are more new devices than anybody has.
func (h *home) tellFlood() {
	if now := h.now(); now.Sub(h.floodTold) >= time.Minute {
		h.floodTold = now
		h.event(events.Event{
			Kind: events.Device, Severity: events.Alarm,
			Text: say.New("crowd"),
		})
	}
}
