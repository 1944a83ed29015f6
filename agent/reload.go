package agent

import (
	"context"
	"errors"
	"slices"

	"spinneret/agent/events"
	"spinneret/capture/say"
	"spinneret/openwrt/neigh"
)

// Reload takes new settings of the home: LAN, WAN, Leases, Names, NewDevices, Actions, MUD and Providers. Devices, events and quarantines stay. On an
// error nothing is changed, and the home's log says so.
func (a *Agent) Reload(ctx context.Context, o Options) error {
	h := a.home
	snapshot, err := neigh.Read(ctx) // what the loop knows may be older than an interface that the settings name
	if err == nil {
		err = canWatch(snapshot, o.LAN, o.WAN)
	}
	if err != nil {
		return a.Refuse(ctx, err)
	}
	otherLeases := false
	if err := h.do(ctx, func() { otherLeases = h.reload(o, snapshot) }); err != nil {
		return err
	}
	if err := a.Recall(ctx, o.Providers, o.ProviderGrace); err != nil || !otherLeases {
		return err
	}
	return a.leases.give(ctx, h.followLeases(o.Leases))
}

// Refuse says in the home's log why new settings were not taken, and returns why.
func (a *Agent) Refuse(ctx context.Context, why error) error {
	return a.warn(ctx, say.New("settings.not", why.Error()), why)
}

// Later says in the home's log what of new settings counts from the next start only.
func (a *Agent) Later(ctx context.Context, what string) {
	a.log.Warn(what)
	_ = a.home.do(ctx, func() {
		a.home.event(events.Event{Kind: events.Config, Severity: events.Warning, Text: say.Plain(what)})
	}) // fails where all ends
}

func (a *Agent) warn(ctx context.Context, text say.Phrase, why error) error {
	a.log.Warn(text.String())
	doErr := a.home.do(ctx, func() {
		a.home.event(events.Event{Kind: events.Config, Severity: events.Warning, Text: text})
	})
	return errors.Join(why, doErr)
}

// Reopen closes the doors, opens others, and returns the error of open. It may return doors beside an error: the old
// ones again. Where it returns none the agent ends.
func (a *Agent) Reopen(ctx context.Context, open func() (Doors, error)) error {
	openedC := make(chan error, 1)
	told := func() (Doors, error) {
		doors, err := open()
		openedC <- err
		return doors, err
	}
	if err := a.doors.give(ctx, a.home.through(told, a.page)); err != nil {
		return err
	}
	select {
	case err := <-openedC:
		if err != nil {
			return a.warn(ctx, say.Plain("the page stays where it was: "+err.Error()), err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reload runs on the home's goroutine. Whether the file of leases is another one is for the caller.
func (h *home) reload(o Options, now neigh.Snapshot) (otherLeases bool) {
	otherLeases = o.Leases != h.options.Leases
	h.options.LAN, h.options.WAN, h.options.Leases, h.options.NewDevices = o.LAN, o.WAN, o.Leases, o.NewDevices
	h.stale = h.stale || !slices.Equal(h.options.PageFrom, o.PageFrom)
	h.options.PageFrom = o.PageFrom
	h.options.Names = o.Names
	if h.options.MUD = o.MUD; h.errands != nil {
		h.errands.options.Store(&o.MUD)
	}
	h.options.Actions = o.Actions
	h.missingSaid = ""
	h.netChanged(now)
	h.log.Info("the settings were read anew")
	h.event(events.Event{Kind: events.Config, Severity: events.Note, Text: say.New("settings")})
	return otherLeases
}
