package agent

import (
	"context"
	"time"

	"spinneret/agent/culprit"
	"spinneret/agent/decide"
	"spinneret/dots/wire"
	"spinneret/ui"
)

// Requests implements ui.Backend.
func (h *home) Requests(ctx context.Context) (list []ui.Request, err error) {
	err = h.do(ctx, func() {
		list = make([]ui.Request, len(h.requests.List))
		for i, r := range h.requests.List {
			list[i] = h.uiRequest(r)
		}
	})
	return list, err
}

// Request implements ui.Backend.
func (h *home) Request(ctx context.Context, id string) (ui.Request, error) {
	return h.onRequest(ctx, id, func(_ *decide.Request, done func(error)) { done(nil) })
}

// Decide implements ui.Backend: it returns once the kernel holds what was decided.
func (h *home) Decide(ctx context.Context, id, decision string) (ui.Request, error) {
	return h.onRequest(ctx, id, func(r *decide.Request, done func(error)) {
		switch {
		case r.Over(), decision == ui.DecisionAllow && (len(r.Devices) == 0 || r.State == decide.Active):
			done(ui.RequestOver(r.ID, string(r.State)))
		case decision == ui.DecisionAllow:
			r.Unasked = false
			h.stop(r, func(err error) { done(problemOf(err)) })
		case decision == ui.DecisionLegitimate:
			h.requests.Remember(r)
			h.refuse(r, &wire.Conflict{Cause: wire.LegitimateTraffic}, done)
		default:
			h.refuse(r, nil, done)
		}
	})
}

// TakeBack implements ui.Backend.
func (h *home) TakeBack(ctx context.Context, id string) (ui.Request, error) {
	return h.onRequest(ctx, id, func(r *decide.Request, done func(error)) {
		switch {
		case h.requests.Forget(r.ID):
			r.Spared = time.Time{}
			h.keepRequests()
			done(nil)
		case r.State == decide.Active:
			r.State, r.Spared = decide.Released, h.now()
			h.dismiss(r, nil)
			h.tellRequest(r)
			h.keepRequests()
			h.lift(r, done)
		default:
			done(ui.RequestOver(r.ID, string(r.State)))
		}
	})
}

// onRequest starts something about a request and waits until it is done.
func (h *home) onRequest(ctx context.Context, id string, start func(*decide.Request, func(error))) (out ui.Request, err error) {
	err = h.awaitDone(ctx, func(done func(error)) {
		r := h.requests.Get(id)
		if r == nil {
			done(ui.UnknownRequest(id))
			return
		}
		start(r, done)
	})
	if err != nil {
		return out, err
	}
	err = h.do(ctx, func() { out = h.uiRequest(h.requests.Get(id)) })
	return out, err
}

// problemOf is the kernel's error as the contract has it.
func problemOf(err error) error {
	if err == nil {
		return nil
	}
	return kernelProblem(err)
}

// uiRequest is a request as the contract has it.
func (h *home) uiRequest(r *decide.Request) ui.Request {
	out := ui.Request{
		ID: r.ID, Provider: r.Entry.Provider, MID: r.Entry.MID, Received: h.wire(r.Entry.Received), Ends: h.wire(r.Entry.Ends),
		State: string(r.State), Policy: r.Policy, Source: culprit.Sources(r.Entry.Request.Scope), Target: scopeTargets(r),
		Devices: []string{}, Why: r.Why.String(), Say: ui.Say(r.Why.Array()), DroppedPackets: r.Dropped.Packets, DroppedBytes: r.Dropped.Bytes,
		Legitimate: h.requests.Remembers(r.ID),
	}
	if r.State == decide.Active && !r.Held {
		out.State = string(decide.Asking) // the kernel, for a moment
	}
	for _, mac := range r.Devices {
		out.Devices = append(out.Devices, mac.String())
	}
	switch r.Entry.Request.Efficacy {
	case wire.UnderAttack:
		out.Efficacy = text("under-attack")
	case wire.AttackMitigate:
		out.Efficacy = text("mitigated")
	}
	return out
}
