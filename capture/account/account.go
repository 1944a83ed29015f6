// Package account is the task that takes the volumes of a flow table from conntrack's counters.
package account

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"spinneret/capture"
	"spinneret/capture/conntrack"
)

const (
	// defaultLimit is OpenWrt's largest default of nf_conntrack_max, at 60 bytes a connection.
	defaultLimit = 65536
	// defaultBuffer is room for some 6,000 ends at once, as when somebody empties the kernel's table.
	defaultBuffer = 4 << 20

	// probeEvery is how often we look whether the kernel still counts; what it cannot do is tried again as often.
	probeEvery = 5 * time.Second
	// leastPause is how soon after a dump a kick may bring the next.
	leastPause = 100 * time.Millisecond
)

// Config says how an Accountant is to be. The zero Config is good on a router.
type Config struct {
	Limit         int  // connections followed at once, 0 for 65536
	ReceiveBuffer int  // bytes of events that may wait, 0 for 4 MB
	NoEvents      bool // stay at level 1

	// Enter runs a function where conntrack is, on the calling goroutine: in another network namespace. Nil is
	// here.
	Enter func(func() error) error

	// Report, if not nil, is told what works, at first and whenever that changes. It must not block.
	Report func(Report)

	Log *slog.Logger // nil for none
}

// Report is what conntrack can do for us, or why not.
type Report struct{ Accounting, Events capture.Ability }

func (c *Config) setDefaults() {
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	if c.ReceiveBuffer == 0 {
		c.ReceiveBuffer = defaultBuffer
	}
	if c.Enter == nil {
		c.Enter = func(fn func() error) error { return fn() }
	}
	if c.Report == nil {
		c.Report = func(Report) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Accountant feeds a table from conntrack.
type Accountant struct {
	cfg    Config
	table  *capture.Table
	reader conntrack.Reader
	kickC  chan struct{}
	hearC  chan struct{}                                       // ends are heard from now on
	every  time.Duration                                       // probeEvery, less in tests
	read   func(context.Context, func(*conntrack.Entry)) error // the reader's Dump, but in tests

	dumps    atomic.Uint64 // complete ones
	lastDump atomic.Int64  // what it took of a processor, in nanoseconds
	counted  atomic.Int64  // when the last began, in nanoseconds since 1970; 0 where volumes are not from dumps
	silent   atomic.Uint64 // connections in it without counters

	mu     sync.Mutex // held from asking deltas until the table has been told, so that it hears of an end last
	deltas *conntrack.Deltas
	gone   conntrack.DeltaStats // of deltas that were given up

	reported bool // Run's alone, as are last and doubt
	last     Report
	doubt    bool // reading failed though the kernel seemed able
}

// New returns an Accountant for a table; Run starts it.
func New(table *capture.Table, cfg Config) *Accountant {
	cfg.setDefaults()
	a := &Accountant{
		cfg: cfg, table: table, reader: conntrack.Reader{ReceiveBuffer: cfg.ReceiveBuffer},
		deltas: conntrack.NewDeltas(cfg.Limit), kickC: make(chan struct{}, 1), hearC: make(chan struct{}, 1), every: probeEvery,
	}
	a.read = a.reader.Dump
	a.reader.Subscribed = func() {
		select {
		case a.hearC <- struct{}{}:
		default:
		}
	}
	return a
}

// Kick asks for a dump now instead of at the next turn, for a person who waits. It never blocks.
func (a *Accountant) Kick() {
	select {
	case a.kickC <- struct{}{}:
	default:
	}
}

// Dumps returns how many complete dumps there were.
func (a *Accountant) Dumps() uint64 { return a.dumps.Load() }

// Late returns how long ago was counted what all connections had carried; 0 where they are not counted.
func (a *Accountant) Late(now time.Time) time.Duration {
	at := a.counted.Load()
	if at == 0 {
		return 0
	}
	return now.Sub(time.Unix(0, at))
}

// Stores tells how many connections are followed. Evicted are those that found no room: they are counted as a
// whole when they end, so only without events they are lost.
func (a *Accountant) Stores() []capture.Store {
	s := a.stats()
	return []capture.Store{{Name: "connections", Used: s.Used, Limit: s.Limit, Evicted: s.Refused}}
}

// Losses tells what the kernel could not tell us. The last bytes of a connection that ended unheard, after the
// last dump, are missing.
func (a *Accountant) Losses() []capture.Loss {
	l, s := a.reader.Losses(), a.stats()
	return []capture.Loss{
		{Where: "conntrack events", Lost: l.Events},
		{Where: "conntrack, not readable", Lost: l.Malformed},
		{Where: "connections that ended unheard", Lost: s.Vanished},
		{Where: "connections now that began before accounting was on", Lost: a.silent.Load()},
	}
}

func (a *Accountant) stats() conntrack.DeltaStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.deltas.Stats()
	s.Refused += a.gone.Refused
	s.Vanished += a.gone.Vanished
	return s
}

// Run counts until ctx ends, and then returns nil. What the kernel cannot do any more is tried again at once: who
// switched it off has no less of it for that. Where it cannot count at all the table takes its volumes from packets
// meanwhile, and the kernel is asked again every five seconds.
func (a *Accountant) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if able := a.prepare(ctx); able.Accounting.OK {
			a.count(ctx, able.Events.OK)
			continue
		}
		a.giveUp()
		pause(ctx, a.every)
	}
	return nil
}

// giveUp leaves counting to packets. What connections carry meanwhile must not be counted again, so their
// counters start from where they will be then.
func (a *Accountant) giveUp() {
	a.table.SetVolumes(capture.FromSamples)
	a.counted.Store(0)
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.deltas.Stats()
	a.gone.Refused += s.Refused
	a.gone.Vanished += s.Vanished
	a.deltas = conntrack.NewDeltas(a.cfg.Limit)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
