package agent

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"spinneret/agent/breach"
	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/neigh"
	"spinneret/ui"
)

// Erase implements ui.Backend: what is known of a device goes, in memory and in files. It is new when it speaks again.
//
// A device that is cut off, or about which a provider waits for an answer, is refused: nobody would know any more why
// it is cut off, or whom to stop. What stays are the logins that were opened from it, which are the owner's own, and
// what others keep: the DHCP server its lease, and the kernel its connections until they end. So do files that were damaged
// and put aside, which nobody reads.
func (h *home) Erase(ctx context.Context, mac string) error {
	s, err := h.archive.take(ctx)
	if err != nil {
		return err
	}
	defer func() { h.archive.put(s) }()
	var erased packet.MAC
	_, err = h.onDevice(ctx, mac, true, func(m packet.MAC) error {
		if err := h.mayErase(m); err != nil {
			return err
		}
		erased = m
		h.forget(m)
		h.event(events.Event{
			Kind: events.Audit, Severity: events.Note, Cause: "owner",
			Text: say.New("erased"),
		})
		return nil
	})
	if err == nil {
		s.Erase(erased)
		h.archive.erased(erased)
	}
	return err
}

func (h *home) mayErase(m packet.MAC) error {
	refuse := func(detail string) error {
		return &ui.Problem{Status: http.StatusConflict, Code: "in-use", Title: "Not to be erased now", Detail: detail}
	}
	if len(h.queue) > 0 {
		return busy() // one of them may be about it
	}
	if len(h.book.Of(m)) > 0 || h.trial != nil && len(h.trial.Of(m)) > 0 {
		return refuse(h.nameOf(m) + " is cut off: let it back in first, then erase it")
	}
	for _, r := range h.requests.List {
		if slices.Contains(r.Devices, m) && (r.State == decide.Asking || r.State == decide.Active) {
			return refuse("request " + r.ID + " of provider " + r.Entry.Provider + " is about " + h.nameOf(m) + ": answer it first, then erase the device")
		}
	}
	return nil
}

// forget takes a device out of everything that the loop can reach.
func (h *home) forget(m packet.MAC) {
	h.table.Forget(m)
	h.finished = slices.DeleteFunc(h.finished, func(f capture.Flow) bool { return f.Device == m || f.Peer == m })
	h.names.Forget(m)
	h.dhcp.Forget(m)
	h.traffic.Forget(m)
	h.tries.Forget(m)
	h.detector.Forget(m)
	h.hub.Retract(h.events.Forget(m))
	if h.recordings != nil {
		h.recordings.ring.Forget(m)
	}
	delete(h.newborn, m)
	delete(h.contested, m)
	h.registry.Forget(m)
	h.silenced[m] = true
	h.erasures++
	h.unsaved, h.ownerSaid, h.dirty, h.stale = true, true, true, true
	h.forgetRequests(m)
	h.forgetProfile(m)
	h.book.ForgetEnded(m)
	if h.trial != nil {
		h.trial.ForgetEnded(m)
	}
	for id, a := range h.actedOn {
		h.actedOn[id] = a.without(m)
	}
	maps.DeleteFunc(h.actedOn, func(_ int64, a acted) bool { return a.MAC == m })
	h.keepDevices(h.now())
	h.keepHabits(h.now())
	delete(h.byDevice, m)
	if h.enforcer != nil {
		h.next() // the file of quarantines has rules of it
	}
}

// forgetRequests leaves of a provider's request what does not say whom it was about.
func (h *home) forgetRequests(m packet.MAC) {
	is := func(x packet.MAC) bool { return x == m }
	for _, r := range h.requests.List {
		if slices.Contains(r.Devices, m) {
			r.Devices, r.Why = slices.DeleteFunc(slices.Clone(r.Devices), is), say.New("erased.too")
		}
	}
	h.requests.Meant = slices.DeleteFunc(slices.Clone(h.requests.Meant), func(x decide.Meant) bool { return slices.Contains(x.Devices, m) })
	h.keepRequests()
}

// forgetProfile forgets which maker's description a device has, and what it did against that.
func (h *home) forgetProfile(m packet.MAC) {
	h.shelf.Forget(m)
	h.violations.book.Erase(m)
	h.violations.waiting = slices.DeleteFunc(h.violations.waiting, func(p breach.Packet) bool { return p.Device == m })
	delete(h.violations.counted, m)
	delete(h.violations.usages, m)
	delete(h.naming, m)
	delete(h.served, m)
	clear(h.shownProfiles)
	h.profileHurry, h.kept = true, h.shelf.Revision()-1 // also where it had none any more: the copy from before may know
	h.keepProfiles(h.now())
	h.bound = slices.DeleteFunc(slices.Clone(h.bound), func(p firewall.Profile) bool { return p.MAC == m })
	if h.learner != nil {
		h.learner.book.Erase(m)
	}
	h.remembered.saved = nil // what an earlier run knew of silent devices
	if h.keeper != nil && h.learner != nil {
		h.keeper.partyC.put(h.saveParties())
	}
}

// neighbours are those of the kernel's table, but for devices that were erased and said nothing since: the kernel
// remembers whom it spoke with for minutes.
func (h *home) neighbours() []neigh.Neighbour {
	if len(h.silenced) == 0 {
		return h.net.Neighbours
	}
	for i := range h.devsBuf {
		delete(h.silenced, h.devsBuf[i].MAC)
	}
	for m := range h.silenced {
		if !slices.ContainsFunc(h.net.Neighbours, func(n neigh.Neighbour) bool { return n.MAC == [6]byte(m) }) {
			delete(h.silenced, m)
		}
	}
	return slices.DeleteFunc(slices.Clone(h.net.Neighbours), func(n neigh.Neighbour) bool { return h.silenced[n.MAC] })
}

// erasure are the devices that were erased, for the file of the history: a disk that was not there has them still.
type erasure struct {
	mu    sync.Mutex
	list  []packet.MAC
	wakeC mailbox[struct{}]
}

// maxErased bounds what is remembered of erased devices: a disk does not stay away for more.
const maxErased = 64

// erased has the file written anew without a device.
func (a *archive) erased(m packet.MAC) {
	a.erasure.mu.Lock()
	a.erasure.list = append(a.erasure.list, m)
	a.erasure.list = a.erasure.list[max(0, len(a.erasure.list)-maxErased):]
	a.erasure.mu.Unlock()
	a.changed.Store(true)
	a.erasure.wakeC.put(struct{}{})
}

func (e *erasure) all() []packet.MAC {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}
