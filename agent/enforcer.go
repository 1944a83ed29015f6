package agent

import (
	"context"
	"log/slog"
	"time"

	"spinneret/openwrt/firewall"
)

const (
	applyDeadline = 5 * time.Second // an nftables transaction takes milliseconds; a router under memory pressure longer
	countInterval = time.Second
	lastLook      = time.Second // at the counters, when the program ends
)

// kernel is the firewall as the agent uses it: *firewall.Firewall, or a fake in pure tests.
type kernel interface {
	Apply(ctx context.Context, s firewall.State) error
	Counters(ctx context.Context) (firewall.Counters, error)
}

// outcome is what became of one desired state.
type outcome struct {
	round    int
	err      error
	save     *savedQuarantines // what was to be written down, if anything
	saveErr  error
	counters firewall.Counters // read back after it
}

// tally is what was read between changes.
type tally struct {
	round    int // of the last state that was applied
	counters firewall.Counters
}

type desired struct {
	round int
	state firewall.State
	save  *savedQuarantines // to be written down once it is in force; nil: nothing new
}

// enforcer brings desired states to the kernel, one at a time, so that the agent's loop never waits for it.
type enforcer struct {
	kernel   kernel
	keep     func(*savedQuarantines) error
	log      *slog.Logger
	stateC   mailbox[desired]
	outcomeC mailbox[outcome]
	countC   mailbox[tally]
	before   func(context.Context) // is called before each state is brought, nil: nothing
	written  *savedQuarantines     // last, with what was counted by then
	at       time.Time
}

func newEnforcer(k kernel, keep func(*savedQuarantines) error, log *slog.Logger) *enforcer {
	return &enforcer{
		kernel: k, keep: keep, log: log,
		stateC: newMailbox[desired](), outcomeC: newMailbox[outcome](), countC: newMailbox[tally](),
		written: &savedQuarantines{},
	}
}

// Run applies and counts until ctx ends. What is in force stays in force.
func (e *enforcer) Run(ctx context.Context) error {
	tick := time.NewTicker(countInterval)
	defer tick.Stop()
	round := 0
	for {
		select {
		case <-ctx.Done():
			e.keepLast(ctx)
			return nil
		case d := <-e.stateC:
			round = d.round
			e.outcomeC.put(e.bring(ctx, d))
		case <-tick.C:
			if counters, ok := e.count(ctx); ok {
				e.countC.put(tally{round, counters})
				e.keepCounted(counters, sumsPause, savePause)
			}
		}
	}
}

// bring applies a state, reads back what the kernel holds of it, and writes it down. Who asked is answered after all
// three: what was confirmed survives a power cut.
func (e *enforcer) bring(ctx context.Context, d desired) outcome {
	if e.before != nil {
		e.before(ctx)
	}
	o := outcome{round: d.round, err: e.apply(ctx, d.state)}
	o.counters, _ = e.count(ctx)
	if (o.err == nil || holds(o.err)) && d.save != nil {
		o.save, o.saveErr = d.save, e.write(d.save, o.counters)
	}
	return o
}

func (e *enforcer) apply(ctx context.Context, s firewall.State) error {
	// A change that was begun is finished even when the program is told to stop: half an answer helps nobody.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyDeadline)
	defer cancel()
	return e.kernel.Apply(ctx, s)
}

// count reads back what the kernel holds.
func (e *enforcer) count(ctx context.Context) (c firewall.Counters, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, applyDeadline)
	defer cancel()
	counters, err := e.kernel.Counters(ctx)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Warn("read the firewall's counters", "err", err)
		}
		return firewall.Counters{}, false
	}
	return counters, true
}

// enforcerChannels are nil, and so never ready, in a replay.
func (h *home) enforcerChannels() (mailbox[outcome], mailbox[tally]) {
	if h.enforcer == nil {
		return nil, nil
	}
	return h.enforcer.outcomeC, h.enforcer.countC
}
