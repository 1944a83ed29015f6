package agent

import (
	"context"
	"net/http"
	"slices"

	"spinneret/agent/decide"
	"spinneret/agent/registry"
	"spinneret/capture/packet"
	"spinneret/ui"
	"spinneret/ui/stream"
)

var (
	_ ui.Backend     = (*home)(nil)
	_ stream.Focuser = (*home)(nil)
)

// Status implements ui.Backend.
func (h *home) Status(ctx context.Context) (s ui.Status, err error) {
	err = h.do(ctx, func() { s = h.status() })
	return s, err
}

// Devices implements ui.Backend.
func (h *home) Devices(ctx context.Context) (devices []ui.Device, err error) {
	err = h.do(ctx, func() {
		h.observeDevices(h.now())
		h.rememberDoor() // who is listed is known at the door
		devices = h.devices()
	})
	return devices, err
}

// Device implements ui.Backend.
func (h *home) Device(ctx context.Context, mac string) (ui.Device, error) {
	return h.onDevice(ctx, mac, false, func(packet.MAC) error { return nil })
}

// EditDevice implements ui.Backend. What changes rules returns once the kernel has them, or is taken back.
func (h *home) EditDevice(ctx context.Context, mac string, edit ui.DeviceEdit) (ui.Device, error) {
	return h.await(ctx, mac, func(m packet.MAC, done func(error)) error {
		before, _ := h.registry.Get(m)
		h.dirty, h.unsaved, h.ownerSaid = true, true, true
		h.registry.Edit(m, registry.Edit(edit))
		if err := h.tooMuch(h.book, "exceptions"); edit.Exceptions != nil && err != nil {
			h.registry.Edit(m, registry.Edit{Exceptions: &before.Exceptions})
			h.tellEdit(before)
			return err
		}
		h.keepDevices(h.now()) // before the answer: what was answered survives an end right after it
		if h.enforcer == nil || edit.Exceptions == nil && edit.RefuseMappings == nil {
			h.tellEdit(before)
			done(nil)
			return nil
		}
		h.submit(change{edit: func(*decide.Book) {}, done: func(err error) {
			if err != nil {
				h.registry.Edit(m, registry.Edit{Exceptions: &before.Exceptions, RefuseMappings: &before.RefuseMappings})
				h.unsaved, h.ownerSaid = true, true
			}
			h.tellEdit(before)
			done(err)
		}})
		return nil
	})
}

// Events implements ui.Backend.
func (h *home) Events(ctx context.Context, since int64, limit int) (list []ui.Event, last int64, err error) {
	err = h.do(ctx, func() {
		found, newest := h.events.Since(since, limit)
		last, list = newest, make([]ui.Event, len(found))
		for i := range found {
			list[i] = h.uiEvent(found[i])
		}
	})
	return list, last, err
}

// Quarantine implements ui.Backend: it returns once the kernel holds the rule.
func (h *home) Quarantine(ctx context.Context, mac string, q ui.QuarantineOrder) (ui.Device, error) {
	return h.await(ctx, mac, func(m packet.MAC, done func(error)) error {
		if err := h.mayOrder(m, q); err != nil {
			return err
		}
		return h.order(m, q, done)
	})
}

// Release implements ui.Backend: it returns once the kernel let go.
func (h *home) Release(ctx context.Context, mac, source string) (ui.Device, error) {
	return h.await(ctx, mac, func(m packet.MAC, done func(error)) error {
		if h.enforcer == nil {
			return replayed()
		}
		h.release(m, decide.Source(source), done)
		return nil
	})
}

// mayOrder refuses what cannot be done here, and what the owner should think about twice.
func (h *home) mayOrder(m packet.MAC, q ui.QuarantineOrder) error {
	d, _ := h.registry.ByID(h.asker(q.Asker))
	switch {
	case h.enforcer == nil:
		return replayed()
	case len(h.queue) >= commandQueue:
		return busy()
	case q.Level == "internet" && h.accessPoint():
		return bridgedOnly()
	case d.MAC == m && !q.Acknowledge:
		return ownDevice("cut off, it cannot open this page to be let back in: another device can")
	}
	return nil
}

func ownDevice(why string) error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "own-device", Title: "This is the device that you are using",
		Detail: why + ". If you mean it, repeat with \"acknowledge\":true", Member: "acknowledge",
	}
}

// tooMuch says what of a book the firewall would not take, before anything is begun.
func (h *home) tooMuch(b *decide.Book, member string) error {
	if err := h.desired(b).Validate(); err != nil {
		return &ui.Problem{
			Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a valid request",
			Detail: err.Error() + ": ask for less", Member: member,
		}
	}
	return nil
}

func replayed() error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "Nothing to cut off",
		Detail: "this is a replay of a capture: start spinneret on the router to cut devices off",
	}
}

// onDevice runs fn for a known device and answers with the device as it is then.
func (h *home) onDevice(ctx context.Context, mac string, changing bool, fn func(packet.MAC) error) (d ui.Device, err error) {
	doErr := h.do(ctx, func() {
		var m packet.MAC
		if m, err = h.known(mac, changing); err != nil {
			return
		}
		if err = fn(m); err == nil {
			d, _ = h.device(m)
		}
	})
	if doErr != nil {
		return d, doErr
	}
	return d, err
}

// await starts a change of a device and waits until the kernel answered.
func (h *home) await(ctx context.Context, mac string, start func(packet.MAC, func(error)) error) (ui.Device, error) {
	err := h.awaitDone(ctx, func(done func(error)) {
		m, err := h.known(mac, true)
		if err == nil {
			err = start(m, func(err error) { done(problemOf(err)) })
		}
		if err != nil {
			done(err)
		}
	})
	if err != nil {
		return ui.Device{}, err
	}
	return h.Device(ctx, mac)
}

// awaitDone has the loop start something, and waits until it is done.
func (h *home) awaitDone(ctx context.Context, start func(done func(error))) error {
	answerC := make(chan error, 1)
	if err := h.do(ctx, func() { start(func(err error) { answerC <- err }) }); err != nil {
		return err
	}
	select {
	case err := <-answerC:
		return err
	case <-ctx.Done():
		return busy()
	}
}

// kernelProblem tells what became of a change that the kernel did not take whole.
func kernelProblem(err error) *ui.Problem {
	p := &ui.Problem{
		Status: http.StatusServiceUnavailable, Code: "firewall", Title: "The firewall refused",
		Detail: "nothing was changed, the rules from before are in force: " + err.Error(),
	}
	if holds(err) {
		p.Title, p.Detail = "Not finished yet", err.Error()+": tried again every second"
	}
	return p
}

// known finds the device that a request names; the router is none, which is said to who would change it; a device is known before the next tick also.
func (h *home) known(mac string, changing bool) (packet.MAC, error) {
	m, err := packet.ParseMAC(mac)
	if err != nil {
		return m, ui.UnknownDevice(mac)
	}
	if changing && h.isRouter(m) {
		return m, &ui.Problem{
			Status: http.StatusConflict, Code: "router", Title: "This is the router",
			Detail: m.String() + " is the router itself or the provider's: without it nothing in the home has internet",
		}
	}
	if _, ok := h.registry.Get(m); !ok {
		h.observeDevices(h.now())
	}
	if _, ok := h.registry.Get(m); !ok {
		return m, ui.UnknownDevice(mac)
	}
	return m, nil
}

func (h *home) isRouter(m packet.MAC) bool {
	return slices.Contains(h.net.RouterMACs, [6]byte(m)) || slices.Contains(h.net.NextHops, [6]byte(m))
}

// Focus implements stream.Focuser.
func (h *home) Focus(ctx context.Context, device, limit int) (rows []stream.FocusRow, more int, err error) {
	err = h.do(ctx, func() { rows, more = h.focus(device, limit) })
	return rows, more, err
}

// Asker implements stream.Focuser. Who comes may be the first to look, for whom the home has to be shown.
func (h *home) Asker(ctx context.Context, remoteAddr string) (id int) {
	show := func() {
		if !h.onShow {
			h.hub.Publish(h.view(h.now()))
			h.onShow = true
		}
		id = h.asker(remoteAddr)
	}
	if h.do(ctx, show) != nil {
		return 0
	}
	return id
}
