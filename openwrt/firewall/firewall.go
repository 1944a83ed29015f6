package firewall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
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

	mu       sync.Mutex
	kernel   kernel
	state    State       // last applied
	tables   []table     // as rendered from it
	numbers  fingerprint // as the kernel numbered them
	verified uint32      // generation of the ruleset in which numbers were seen
	settled  uint32      // and that of our last transaction, 0 if somebody came between: elements are as we left them
	guard    bool        // the guard is in the kernel
	ledger   ledger
	cleared  map[ended]bool
	memory   *memory
	awake    time.Time       // until when answers that are held are sent on
	named    map[string]bool // names that profiles are about
	judged   []Profile       // by which the connections that there are were judged

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
	if intact {
		counted, err := f.sockets.read(ctx, f.tables)
		if err != nil {
			return fmt.Errorf("read counters: %w", err)
		}
		f.ledger.record(counted.cells, f.tables)
	}
	now := f.now()
	s.memory, s.awake = f.memory, f.awake
	tables := render(s, f.kernel, now)
	rebuild := !intact || !reflect.DeepEqual(shapes(tables), shapes(f.tables))
	if !rebuild && before == f.settled {
		keepSets(tables, f.tables, now)
	}
	filledAt(tables, now)
	if f.guardedLocked(s, tables, rebuild) {
		if err := f.postLocked(ctx, s, now); err != nil {
			return fmt.Errorf("guard the change: %w", err)
		}
		before++
	}
	err = f.changeLocked(ctx, s, tables, rebuild, intact)
	if err == nil {
		err = afterRules(f.settleLocked(ctx, before, rebuild))
	}
	if gone := f.relieveLocked(ctx); err == nil {
		err = afterRules(gone)
	}
	return err
}

// changeLocked sends the one transaction and remembers what is in force now.
func (f *Firewall) changeLocked(ctx context.Context, s State, tables []table, rebuild, intact bool) (err error) {
	if rebuild {
		err = f.rebuildLocked(ctx, tables, intact)
	} else {
		err = f.transact(ctx, func(b batch) error { return b.refill(tables) })
	}
	if err == nil {
		f.adoptLocked(s, tables, rebuild, intact)
	}
	return err
}

// rebuildLocked makes the tables anew, after it has read what passed inside the home: those counters go with them.
func (f *Firewall) rebuildLocked(ctx context.Context, tables []table, intact bool) error {
	f.passing.mu.Lock()
	defer f.passing.mu.Unlock()
	if intact && f.state.Log.Inside != 0 {
		if err := f.passing.saveLocked(ctx, f.sockets); err != nil {
			return err
		}
	}
	if intact {
		if err := f.tallyLocked(ctx); err != nil {
			return err
		}
	}
	err := f.transact(ctx, func(b batch) error {
		if !f.guard {
			b.remove(guardName, f.kernel.families()) // of a run that was killed in a change
		}
		return b.replace(tables, f.kernel.families())
	})
	if err != nil {
		return err
	}
	clear(f.passing.last)
	return nil
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
func (f *Firewall) adoptLocked(s State, tables []table, rebuilt, intact bool) {
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
	f.ledger.renewed(tables, rebuilt)
	f.ledger.keep(s)
	if rebuilt {
		f.numbers = nil
	}
}

// settleLocked reads back what tells our tables from others, and whether ours was the only transaction since
// the generation before it.
func (f *Firewall) settleLocked(ctx context.Context, before uint32, rebuilt bool) error {
	settled := f.settled
	f.settled = 0
	generation, err := f.sockets.generation(ctx)
	if err != nil {
		return err
	}
	if generation == before+1 || generation == before && before == settled { // where nothing was to be changed
		f.settled = generation
	}
	if !rebuilt {
		if f.settled != 0 && f.verified == before {
			f.verified = generation
		}
		return nil
	}
	if f.numbers, err = f.sockets.fingerprint(ctx, f.tables); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	f.verified = generation
	f.log.Debug("built our tables", "tables", len(f.tables))
	return nil
}

// intactLocked says whether the kernel still holds the rules that the last Apply made.
func (f *Firewall) intactLocked(ctx context.Context) (bool, error) {
	if f.numbers == nil {
		return false, nil
	}
	generation, err := f.sockets.generation(ctx)
	if err != nil {
		return false, err
	}
	if generation == f.verified {
		return true, nil
	}
	numbers, err := f.sockets.fingerprint(ctx, f.tables)
	if errors.Is(err, errGone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read back: %w", err)
	}
	if !numbers.equal(f.numbers) {
		return false, nil
	}
	f.verified = generation
	return true, nil
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
