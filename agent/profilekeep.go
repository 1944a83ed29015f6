package agent

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/say"
	"spinneret/mud/shelf"
)

const (
	profileFile = "profiles"
	copyPrefix  = "mud-" // of the files beside it, one for each copy of a description
)

// savedProfiles is what survives a reboot of the makers' descriptions.
type savedProfiles struct {
	shelf.Saved
	copies   []*shelf.Copy
	erasures int // of devices when it was made, see Erase
}

// triesPause is the shortest time between two writes of nothing but when servers were asked: devices that name servers
// that are not there must not wear the flash.
const triesPause = time.Hour

// keepProfiles has the descriptions written down: at once where the owner said something, else when it is time.
func (h *home) keepProfiles(now time.Time) {
	pause := triesPause
	if h.keptChanges != h.shelf.Changes() {
		pause = savePause
	}
	if h.keeper == nil || h.kept == h.shelf.Revision() || !h.profileHurry && now.Sub(h.keptAt).Abs() < pause {
		return
	}
	h.kept, h.keptChanges, h.keptAt, h.profileHurry = h.shelf.Revision(), h.shelf.Changes(), now, false
	s := savedProfiles{erasures: h.erasures}
	s.Saved, s.copies = h.shelf.Save()
	h.keeper.profileC.put(s)
}

// saveProfiles writes the copies, then the list of them, and then removes those that are not in it.
func (k *keeper) saveProfiles(s savedProfiles) {
	wanted := map[string]bool{}
	written, err := k.dir.Names(copyPrefix)
	if err != nil {
		k.log.Error("save "+profileFile, "err", err)
	}
	there := map[string]bool{}
	for _, name := range written {
		there[name] = true
	}
	for _, c := range s.copies {
		if wanted[c.Name()] = true; !there[c.Name()] {
			k.save(c.Name(), c.Octets, 0)
		}
	}
	k.save(profileFile, s.Saved, s.erasures)
	for _, name := range written {
		if wanted[name] {
			continue
		}
		if err := k.dir.Remove(name); err != nil {
			k.log.Error("remove "+name, "err", err)
		}
	}
}

// adoptProfiles takes over the descriptions that an earlier run had: what was checked then counts, whatever the clock
// says now.
func (h *home) adoptProfiles(dir state.Dir) {
	err := readShelf(dir, h.shelf)
	h.kept, h.keptChanges = h.shelf.Revision(), h.shelf.Changes()
	if err != nil {
		h.kept = 0 // what was read in its place is written down: else each later start finds the same
		h.log.Error("read the saved descriptions", "err", err)
		h.event(events.Event{
			Kind: events.MUD, Severity: events.Warning,
			Text: say.Plain("some of the makers' descriptions could not be read back: " + strings.ReplaceAll(err.Error(), "\n", "; ")),
		})
	}
}

// readShelf fills an empty shelf with what an earlier run wrote down.
func readShelf(dir state.Dir, into *shelf.Shelf) error {
	var saved shelf.Saved
	_, damage := dir.Load(profileFile, &saved)
	err := into.Restore(saved, func(name string) ([]byte, error) {
		var octets json.RawMessage
		found, err := dir.Load(name, &octets)
		switch {
		case found:
			damage = errors.Join(damage, err)
			return octets, nil
		case err == nil:
			err = errors.New(name + " is missing")
		}
		return nil, err
	})
	return errors.Join(damage, err)
}
