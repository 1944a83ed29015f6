package account

import (
	"context"

	"spinneret/capture"
	"spinneret/capture/conntrack"
)

// prepare switches on what is off, and finds out what works then.
func (a *Accountant) prepare(ctx context.Context) Report {
	err := a.cfg.Enter(func() error {
		changed, err := conntrack.Setup(ctx)
		if len(changed) > 0 {
			a.cfg.Log.Info("switched on what conntrack counts with", "settings", changed)
		}
		return err
	})
	if err != nil {
		a.cfg.Log.Debug("could not set up conntrack", "err", err) // the report says why, once
	}
	return a.probe(ctx)
}

// probe finds out what works now, and reports what is new.
func (a *Accountant) probe(ctx context.Context) Report {
	var now Report
	err := a.cfg.Enter(func() error {
		found := conntrack.Probe(ctx)
		now = Report{capture.Ability(found.Accounting), capture.Ability(found.Events)}
		return nil
	})
	if err != nil {
		now.Accounting.Why = err.Error()
	}
	if now.Accounting.OK && a.doubt {
		now.Accounting = a.rehearse(ctx)
	}
	if a.cfg.NoEvents {
		now.Events = capture.Ability{Why: "not wanted"}
	}
	if ctx.Err() == nil && (!a.reported || now != a.last) {
		a.reported, a.last = true, now
		a.cfg.Log.Info("found out what conntrack can do", "accounting", now.Accounting, "events", now.Events)
		a.cfg.Report(now)
	}
	return now
}

// rehearse reads what there is without counting it: after a failure, what the kernel's settings promise is believed
// only once it was seen.
func (a *Accountant) rehearse(ctx context.Context) capture.Ability {
	err := a.cfg.Enter(func() error { return a.read(ctx, func(*conntrack.Entry) {}) })
	if err != nil {
		return capture.Ability{Why: err.Error()}
	}
	a.doubt = false
	return capture.Able
}
