package agent

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"spinneret/agent/registry"
	"spinneret/agent/state"
)

const (
	deviceFile = "devices"

	// savePause is the shortest time between two writes of the devices, but for what the owner said: flash wears
	// out, and a flood of made-up MACs must not write it.
	savePause = 5 * time.Minute

	// sumsPause is how old the sums on flash may be where there is no other news.
	sumsPause = 6 * time.Hour
)

// keeper writes the devices, requests and descriptions down behind the home's back: flash is slow.
type keeper struct {
	dir      state.Dir
	saver    saver
	log      *slog.Logger
	saveC    mailbox[savedDevices]
	requestC mailbox[savedRequests]
	partyC   mailbox[savedParties]
	profileC mailbox[savedProfiles]
	habitC   mailbox[savedHabits]
	endedC   <-chan struct{} // closed once the home has nothing more to hand in
}

// savedDevices are the devices as of an erasure, see Erase.
type savedDevices struct {
	list     []registry.Saved
	erasures int
}

func newKeeper(dir state.Dir, endedC <-chan struct{}, log *slog.Logger) *keeper {
	return &keeper{
		dir, newSaver(dir), log, newMailbox[savedDevices](), newMailbox[savedRequests](),
		newMailbox[savedParties](), newMailbox[savedProfiles](), newMailbox[savedHabits](), endedC,
	}
}

// Run writes what it is given until ctx ends; what was given by then is written still.
func (k *keeper) Run(ctx context.Context) error {
	for {
		select {
		case s := <-k.saveC:
			k.save(deviceFile, s.list, s.erasures)
		case s := <-k.requestC:
			k.save(requestFile, s, s.erasures)
		case p := <-k.partyC:
			k.save(partyFile, p, p.erasures)
		case s := <-k.profileC:
			k.saveProfiles(s)
		case b := <-k.habitC:
			k.save(habitFile, b, b.erasures)
		case <-ctx.Done():
			k.waitForHome()
			k.saveLast()
			return nil
		}
	}
}

// homeEnds is how long the loop has for its last words.
const homeEnds = time.Second

// waitForHome waits until the loop has nothing more to hand in.
func (k *keeper) waitForHome() {
	late := time.NewTimer(homeEnds)
	defer late.Stop()
	select {
	case <-k.endedC:
	case <-late.C:
	}
}

// saveLast writes what was given and not taken yet.
func (k *keeper) saveLast() {
	select {
	case s := <-k.saveC:
		k.save(deviceFile, s.list, s.erasures)
	default:
	}
	select {
	case s := <-k.requestC:
		k.save(requestFile, s, s.erasures)
	default:
	}
	select {
	case p := <-k.partyC:
		k.save(partyFile, p, p.erasures)
	default:
	}
	select {
	case s := <-k.profileC:
		k.saveProfiles(s)
	default:
	}
	select {
	case b := <-k.habitC:
		k.save(habitFile, b, b.erasures)
	default:
	}
}

func (k *keeper) save(name string, v any, erasures int) {
	if err := k.saver.save(name, v, erasures); err != nil {
		k.log.Error("save "+name, "err", err)
	}
}

// keepDevices hands the devices to the keeper: at once where the owner said something, and in the first seconds of all,
// when whoever is heard must not be new to the next run; else when it is time.
func (h *home) keepDevices(now time.Time) {
	hurry := h.ownerSaid || !h.settled(now)
	h.unsaved = h.unsaved || now.Sub(cmp.Or(h.savedAt, h.started)) >= sumsPause
	if h.keeper == nil || !h.unsaved || !hurry && now.Sub(h.savedAt) < savePause {
		return
	}
	h.unsaved, h.ownerSaid, h.savedAt = false, false, now
	h.keeper.saveC.put(savedDevices{h.registry.Save(), h.erasures})
}

// lastDevices writes the devices' sums down before the program ends.
func (h *home) lastDevices() {
	if h.keeper != nil {
		h.keeper.saveC.put(savedDevices{h.registry.Save(), h.erasures})
	}
}

// adoptDevices takes over the devices that an earlier run knew.
func (h *home) adoptDevices(dir state.Dir) {
	var list []registry.Saved
	found, err := dir.Load(deviceFile, &list)
	if err != nil {
		h.log.Error("read the saved devices", "err", err)
	}
	if h.returning = found; found {
		h.registry.Restore(list)
	}
}
