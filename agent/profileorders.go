package agent

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/ui"
)

// MUD implements ui.Backend.
func (h *home) MUD(ctx context.Context, mac string) (ui.MUD, error) {
	return h.onProfile(ctx, mac, false, func(packet.MAC) error { return nil })
}

// AssignMUD implements ui.Backend. It does not wait until a file is got.
func (h *home) AssignMUD(ctx context.Context, mac string, o ui.MUDOrder) (ui.MUD, error) {
	given, err := readOrder(o)
	if err != nil {
		return ui.MUD{}, err
	}
	return h.onProfile(ctx, mac, true, func(m packet.MAC) error {
		if h.accessPoint() && o.Mode != string(shelf.Off) {
			return watchedElsewhere()
		}
		if err := h.mayEnforce(m, o, given); err != nil {
			return err
		}
		if err := h.assign(m, given); err != nil {
			return err
		}
		if given == (givenMUD{}) && h.shelf.State(m) == shelf.None {
			return noDescription()
		}
		before, _ := h.shelf.Holder(m)
		if err := h.setRest(m, o); err != nil {
			return err
		}
		after, _ := h.shelf.Holder(m)
		if given != (givenMUD{}) {
			h.violations.book.Forget(m)
			h.tellAssigned(m)
		} else if before.Mode != after.Mode {
			h.tellMode(m, after.Mode)
		}
		return nil
	})
}

// mayEnforce asks the owner to think twice before his own device is held to what some maker says.
func (h *home) mayEnforce(m packet.MAC, o ui.MUDOrder, given givenMUD) error {
	holder, _ := h.shelf.Holder(m)
	mode := holder.Mode
	switch {
	case o.Mode != "":
		mode = shelf.Mode(o.Mode)
	case given != (givenMUD{}) && !holder.Chosen:
		mode = shelf.Enforce
	}
	d, _ := h.registry.ByID(h.asker(o.Asker))
	if mode != shelf.Enforce || d.MAC != m || o.Acknowledge {
		return nil
	}
	return heldApart()
}

func heldApart() error {
	return ownDevice("held to a description that does not speak of this page, it cannot open it to be let go: another device can")
}

// mayAnswer asks him the same where he agrees to another description, or to another file, that holds his own device then:
// a file is that of all devices that have it. What he agrees to of a description only adds to it.
func (h *home) mayAnswer(m packet.MAC, a ui.MUDAnswer) error {
	d, _ := h.registry.ByID(h.asker(a.Asker))
	holder, _ := h.shelf.Holder(d.MAC)
	if !a.Approve || a.Acknowledge || holder.Mode != shelf.Enforce {
		return nil
	}
	switch kind, _, _ := strings.Cut(a.ID, "-"); {
	case kind == shelf.AskURL && d.MAC == m, kind == shelf.AskFile && h.shelf.Holds(d.MAC) == h.shelf.Holds(m):
		return heldApart()
	}
	return nil
}

// setRest sets what else an order says.
func (h *home) setRest(m packet.MAC, o ui.MUDOrder) error {
	if o.Strict != nil {
		if err := h.shelf.SetStrict(m, *o.Strict); err != nil {
			return fullShelf(err)
		}
	}
	if o.Mode == "" {
		return nil
	}
	if err := h.shelf.SetMode(m, shelf.Mode(o.Mode), h.now()); err != nil {
		return fullShelf(err)
	}
	return nil
}

// givenMUD is what the owner gives a device: a URL, or a file.
type givenMUD struct {
	url  mud.URL
	file *shelf.Copy
}

// readOrder reads what does not need the loop: a large file takes a while.
func readOrder(o ui.MUDOrder) (d givenMUD, err error) {
	switch {
	case o.URL != "":
		d.url, err = mud.ParseURL(o.URL)
		if err != nil {
			err = wrongMUD("url", err.Error()+": give one like https://maker.example/lamp")
		}
	case o.File != nil:
		d.file, err = shelf.Read(o.File)
		if err != nil {
			err = wrongMUD("file", err.Error()+": spinneret mud check FILE tells more")
		}
	}
	return d, err
}

func (h *home) assign(m packet.MAC, d givenMUD) error {
	var err error
	switch {
	case d.file != nil:
		err = h.shelf.AssignFile(m, d.file)
	case d.url != (mud.URL{}):
		err = h.shelf.Assign(m, d.url)
	default:
		return nil
	}
	if err != nil {
		return fullShelf(err)
	}
	return nil
}

// RemoveMUD implements ui.Backend.
func (h *home) RemoveMUD(ctx context.Context, mac string) (ui.MUD, error) {
	return h.onProfile(ctx, mac, true, func(m packet.MAC) error {
		if _, ok := h.shelf.Holder(m); ok {
			h.shelf.Remove(m, h.now())
			h.violations.book.Forget(m)
			h.tellRemoved(m)
		}
		return nil
	})
}

// AnswerMUD implements ui.Backend.
func (h *home) AnswerMUD(ctx context.Context, mac string, a ui.MUDAnswer) (ui.MUD, error) {
	return h.onProfile(ctx, mac, true, func(m packet.MAC) error {
		if err := h.mayAnswer(m, a); err != nil {
			return err
		}
		if err := h.shelf.Answer(m, a.ID, a.Approve, h.now()); err != nil {
			return &ui.Problem{Status: http.StatusConflict, Code: "unsupported", Title: "Nothing to approve", Detail: err.Error()}
		}
		h.tellAnswer(m, a.ID, a.Approve)
		return nil
	})
}

// onProfile runs fn for a known device and answers with its description as it is then. What the owner changes is written
// down, and brought to the kernel, before anything else happens.
func (h *home) onProfile(ctx context.Context, mac string, changing bool, fn func(packet.MAC) error) (out ui.MUD, err error) {
	doErr := h.do(ctx, func() {
		var m packet.MAC
		if m, err = h.known(mac, changing); err == nil && changing && h.enforcer == nil {
			err = replayed()
		}
		if err != nil {
			return
		}
		if err = fn(m); changing {
			h.profileHurry, h.dirty = true, true
			h.actOnProfiles()
			h.keepProfiles(h.now())
		}
		out = h.uiMUD(m)
		out.Recent = h.recentBreaches(m)
	})
	return out, errors.Join(doErr, err)
}

func wrongMUD(member, detail string) error {
	return &ui.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a valid request", Detail: detail, Member: member}
}

func fullShelf(err error) error {
	return &ui.Problem{Status: http.StatusConflict, Code: "full", Title: "No place left", Detail: err.Error()}
}

func noDescription() error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "No description",
		Detail: "the device has no maker's description that it could be held to: assign one by url or file",
	}
}
