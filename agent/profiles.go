package agent

import (
	"bytes"
	"sort"
	"time"

	"spinneret/agent/state"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
)

// retryPause is how often it is looked whether there is room now for what was named before.
const retryPause = time.Minute

// profiles are the makers' descriptions of the home's devices (RFC 8520).
type profiles struct {
	shelf         *shelf.Shelf
	errands       *errands // nil in a replay: nothing is got
	naming        map[packet.MAC]said
	served        map[packet.MAC]string // MUD URLs that the DHCP server told of, until the device is known
	badURLs       uint64
	admittedAt    time.Time
	acted         uint64 // shelf.Changes when the rules were last asked for
	kept          uint64 // shelf.Revision when it was last written down
	keptChanges   uint64 // shelf.Changes then
	keptAt        time.Time
	profileHurry  bool // the owner said something, or all ends
	shownProfiles map[packet.MAC]shownProfile
}

// profile is what one device is held to.
type profile struct {
	MAC    packet.MAC
	Mode   shelf.Mode
	Source shelf.Source // who says that the device is of this kind: only the owner can be believed
	URL    mud.URL
	Policy mud.Policy
	Known  bool // no policy where not: the device is treated as one without a description
}

// allProfiles lists the devices that have a description, those too whose mode is off, by MAC.
func (h *home) allProfiles() (list []profile) {
	for _, mac := range h.shelf.Holders() {
		holder, _ := h.shelf.Holder(mac)
		p := profile{MAC: packet.MAC(mac), Mode: holder.Mode, Source: holder.Source(), URL: holder.Heard}
		if t := h.shelf.Holds(mac); t != nil {
			p.URL = t.URL
		}
		p.Policy, p.Known = h.shelf.Policy(mac)
		list = append(list, p)
	}
	sort.Slice(list, func(i, j int) bool { return bytes.Compare(list[i].MAC[:], list[j].MAC[:]) < 0 })
	return list
}

// fetchProfiles adds the task that gets makers' descriptions, and takes over those of an earlier run.
func (a *Agent) fetchProfiles(dir state.Dir) {
	h := a.home
	h.adoptProfiles(dir)
	h.errands = newErrands(h.options, a.log.With("room", "mud"))
	a.add("descriptions", h.errands.Run)
}

// tendProfiles hears what devices name, and has looked up what is due.
func (h *home) tendProfiles(now time.Time) {
	h.hearDescriptions(now)
	if now.Sub(h.admittedAt).Abs() >= retryPause {
		h.admittedAt = now
		h.shelf.Admit(now, func(mac shelf.MAC) bool { _, known := h.registry.Get(mac); return known })
	}
	if h.errands != nil {
		for _, j := range h.shelf.Due(now, h.clockSet) {
			h.errands.jobC <- j // has room for all that may be under way
		}
	}
	h.actOnProfiles()
	h.keepProfiles(now)
}

// fetched takes what became of an errand.
func (h *home) fetched(d shelf.Delivery) {
	for _, n := range h.shelf.Take(d, h.now()) {
		h.tellNotice(n)
	}
	h.dirty = true
	h.actOnProfiles()
}

// fetchedC is never ready in a replay.
func (h *home) fetchedC() <-chan shelf.Delivery {
	if h.errands == nil {
		return nil
	}
	return h.errands.doneC
}

// actOnProfiles has the rules made anew where a policy, a mode, or what a device has changed.
func (h *home) actOnProfiles() {
	if h.acted == h.shelf.Changes() {
		return
	}
	h.acted, h.dirty = h.shelf.Changes(), true
	if h.enforcer == nil || len(h.bound) == 0 && len(h.shelf.Holders()) == 0 {
		return
	}
	h.stale = true
	h.next()
}

// profileStores tell how full the shelf is.
func (h *home) profileStores() []capture.Store {
	titles, holders, evicted := h.shelf.Full()
	return []capture.Store{
		{Name: "makers' descriptions", Used: titles, Limit: shelf.MaxTitles, Evicted: evicted},
		{Name: "devices with a description", Used: holders, Limit: shelf.MaxHolders},
	}
}

// profileLosses are what devices named that is no URL of a description.
func (h *home) profileLosses() []capture.Loss {
	return []capture.Loss{{Where: "MUD URLs that are none", Lost: h.badURLs}}
}
