package firewall

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/nftables"
)

// Options say where a Firewall works.
type Options struct {
	NetNS int              // descriptor of a network namespace, 0 for the current one
	Log   *slog.Logger     // nil: says nothing
	Now   func() time.Time // nil: time.Now; ends of quarantines are counted from it
}

// Firewall brings a State to the kernel and keeps what it was told last. Its methods may be called from
// several goroutines.
type Firewall struct {
	sockets sockets
	log     *slog.Logger
	now     func() time.Time

	mu        sync.Mutex
	kernel    kernel
	state     State       // last applied
	tables    []table     // as rendered from it
	numbers   fingerprint // as the kernel numbered them
	verified  uint32      // generation of the ruleset in which numbers were seen
	settled   uint32      // and that of our last transaction, 0 if somebody came between: elements are as we left them
	guard     bool        // the guard is in the kernel
	harm      harm
	ledger    ledger
	before    map[string]Proof // by an earlier run, until the first Apply
	cleared   map[ended]bool
	memory    *memory
	inherited bool            // what an earlier run had learned
	awake     time.Time       // until when answers that are held are sent on
	named     map[string]bool // names that profiles are about
	judged    []Profile       // by which the connections that there are were judged

	passing passing // has a lock of its own: a long dump must not keep a change of the rules waiting
}

// Open finds out what the kernel can. It changes nothing: what an earlier run left in force stays so until
// the first Apply takes its place.
func Open(o Options) (*Firewall, error) {
	f := &Firewall{
		sockets: sockets{netNS: o.NetNS},
		log:     o.Log,
		now:     o.Now,
		ledger:  newLedger(),
		cleared: map[ended]bool{},
		memory:  newMemory(),
		passing: passing{last: map[passage]passageCount{}},
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if f.now == nil {
		f.now = time.Now
	}
	ctx, cancel := context.WithTimeout(context.Background(), callDeadline)
	defer cancel()
	var err error
	if f.kernel, err = f.sockets.probe(ctx); err != nil {
		return nil, fmt.Errorf("open firewall: %w", err)
	}
	return f, nil
}

// Limits says, in a sentence each, what this kernel cannot do for a quarantine.
func (f *Firewall) Limits() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kernel.limits()
}

// Apply brings s to the kernel: one transaction for all tables, then the connections of newly cut-off devices
// are ended. On an error in the transaction the state before it stays in force, whole; an error after it says
// that the rules hold but some connection may linger: the next Apply tries those again.
func (f *Firewall) Apply(ctx context.Context, s State) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("apply firewall: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.commitLocked(ctx, s); err != nil {
		return fmt.Errorf("apply firewall: %w", err)
	}
	if err := f.endFlowsLocked(ctx); err != nil {
		return &HeldError{fmt.Errorf("end connections that are no longer allowed: %w", err)}
	}
	return nil
}

// Remove takes our tables away, and with them every quarantine.
func (f *Firewall) Remove(ctx context.Context) error {
	return f.Apply(ctx, State{})
}

func (f *Firewall) commitLocked(ctx context.Context, s State) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	if f.kernel.links, err = f.sockets.links(ctx); err != nil {
		return err
	}
	intact, err := f.intactLocked(ctx)
	if err != nil {
		return err
	}
	before, err := f.sockets.generation(ctx)
	if err != nil {
		return err
	}
	f.harm.seen(!intact && f.numbers != nil)
	if intact {
		counted, err := f.sockets.read(ctx, f.tables)
		if err != nil {
			return fmt.Errorf("read counters: %w", err)
		}
		f.ledger.record(counted.cells, f.tables)
	}
	now := f.now()
	s.memory, s.awake = f.memory, f.awake
	if err := f.inheritLocked(ctx, s, now); err != nil {
		return err
	}
	tables := render(s, f.kernel, now)
	f.continueLocked(ctx, tables)
	anew := f.anewLocked(tables, intact, before == f.settled, now)
	filledAt(tables, now)
	if guarded := f.guardedLocked(s, tables, anew); guarded.any() {
		if err := f.postLocked(ctx, guarded, now); err != nil {
			return fmt.Errorf("guard the change: %w", err)
		}
		before++
	}
	known := f.numbers
	err = f.changeLocked(ctx, s, tables, anew, intact)
	if err == nil {
		err = afterRules(f.settleLocked(ctx, before, anew, known))
	}
	if gone := f.relieveLocked(ctx); err == nil {
		err = afterRules(gone)
	}
	return err
}

// changeLocked sends the one transaction and remembers what is in force now.
func (f *Firewall) changeLocked(ctx context.Context, s State, tables []table, anew []string, intact bool) (err error) {
	if len(anew) > 0 {
		err = f.rebuildLocked(ctx, tables, anew, intact)
	} else {
		err = f.transact(ctx, func(b batch) error { return b.refill(tables, nil) })
	}
	if err == nil {
		f.adoptLocked(s, tables, anew, intact)
	}
	return err
}

// rebuildLocked makes tables anew, after it has read what passed inside the home and what profiles counted: that goes
// with them.
func (f *Firewall) rebuildLocked(ctx context.Context, tables []table, anew []string, intact bool) error {
	f.passing.mu.Lock()
	defer f.passing.mu.Unlock()
	passed := slices.Contains(anew, tableName)
	if intact && passed && f.state.Log.Inside != 0 {
		if err := f.passing.saveLocked(ctx, f.sockets); err != nil {
			return err
		}
	}
	if intact && slices.Contains(anew, profileName) {
		if err := f.tallyLocked(ctx); err != nil {
			return err
		}
	}
	err := f.transact(ctx, func(b batch) error {
		if !intact && !f.guard {
			b.removeGuards(f.kernel.families()) // of a run that was killed in a change
		}
		if err := b.replace(tables, anew, f.kernel.families()); err != nil {
			return err
		}
		return b.refill(tables, anew)
	})
	if err == nil && passed {
		clear(f.passing.last)
	}
	return err
}

// transact makes one transaction of what fill says, and sends it.
func (f *Firewall) transact(ctx context.Context, fill func(batch) error) error {
	c, err := f.sockets.nft(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseLasting() }()
	if err := fill(batch{c}); err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// adoptLocked remembers what is in force now.
func (f *Firewall) adoptLocked(s State, tables []table, anew []string, intact bool) {
	if !intact {
		f.cleared, f.judged = map[ended]bool{}, nil // nothing held them: there may be new connections
	}
	s.Quarantines = slices.Clone(s.Quarantines)
	s.NoMappings = slices.Clone(s.NoMappings)
	s.Profiles = slices.Clone(s.Profiles)
	f.named = s.nameSet()
	f.memory.keep(s.Profiles, f.named, f.now())
	f.ledger.keepTallies(f.state.Profiles, s.Profiles)
	f.state, f.tables = s, tables
	f.ledger.renewed(tables, anew)
	f.ledger.keep(s)
	f.harm.told, f.before = false, nil
	if len(anew) > 0 {
		f.numbers = nil
	}
}

// families are those in which this kernel lets us own a table.
func (k kernel) families() []nftables.TableFamily {
	out := []nftables.TableFamily{nftables.TableFamilyINet}
	if k.bridge {
		out = append(out, nftables.TableFamilyBridge)
	}
	if k.ingress {
		out = append(out, nftables.TableFamilyNetdev)
	}
	return out
}
