package conntrack

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// MeterConfig says how a Meter is to be.
type MeterConfig struct {
	// Limit is how many connections it follows at once: see Deltas.
	Limit int

	// Events says whether to hear of the ends of connections. Without, the last bytes of each are missed,
	// and connections shorter than the time between two dumps altogether.
	Events bool

	// ReceiveBuffer is how many bytes of events may wait, zero for DefaultReceiveBuffer.
	ReceiveBuffer int
}

// Meter follows what the connections of one network namespace carry.
type Meter struct {
	cfg      MeterConfig
	reader   Reader
	deltas   *Deltas
	interval func(lastDump time.Duration) time.Duration
	lastDump atomic.Int64 // nanoseconds

	mu sync.Mutex // held from asking deltas until fn has been told, so that fn hears of an end last
}

// NewMeter returns a Meter; Run starts it.
func NewMeter(cfg MeterConfig) *Meter {
	return &Meter{
		cfg: cfg, reader: Reader{ReceiveBuffer: cfg.ReceiveBuffer}, deltas: NewDeltas(cfg.Limit), interval: Interval,
	}
}

// LastDump returns how long the last complete dump took, with what fn did.
func (m *Meter) LastDump() time.Duration { return time.Duration(m.lastDump.Load()) }

// Losses returns what the kernel could not tell so far.
func (m *Meter) Losses() Losses { return m.reader.Losses() }

// Stats returns how many connections are followed.
func (m *Meter) Stats() DeltaStats { return m.deltas.Stats() }

// Run calls fn with every connection that carried something, is new or ended, and with how much since the last
// time. It dumps as often as Interval says, and hears of ends as they happen. Calls of fn never overlap,
// though they come from two goroutines; fn must not keep the Entry.
//
// It works in the network namespace in which it is called, and returns nil when ctx ends. After an error it can
// be called again once Probe says that the kernel is able again; nothing is counted twice then.
func (m *Meter) Run(ctx context.Context, fn func(*Entry, Delta)) error {
	dumps := func(ctx context.Context) error { return m.dumps(ctx, fn) }
	if !m.cfg.Events {
		return dumps(ctx)
	}
	s, err := m.reader.dialEvents() // here, for a new goroutine may run in another namespace
	if err != nil {
		return err
	}
	ended := m.deltas.Ended
	return together(ctx, dumps, func(ctx context.Context) error {
		return m.reader.listen(ctx, s, func(event Event, e *Entry) {
			if event == Destroyed { // what was lost is missing from the next dumps, which come soon enough
				m.tell(e, ended, fn)
			}
		})
	})
}

// tell asks for the delta of an entry and hands it on if there is something to tell.
func (m *Meter) tell(e *Entry, ask func(*Entry) Delta, fn func(*Entry, Delta)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := ask(e); !d.IsZero() {
		fn(e, d)
	}
}

// dumps reads all connections again and again until ctx ends.
func (m *Meter) dumps(ctx context.Context, fn func(*Entry, Delta)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		took, err := m.dump(ctx, fn)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		m.lastDump.Store(int64(took))
		timer.Reset(m.interval(took))
	}
}

func (m *Meter) dump(ctx context.Context, fn func(*Entry, Delta)) (took time.Duration, err error) {
	start := time.Now()
	m.deltas.Begin()
	seen := m.deltas.Seen
	err = m.reader.Dump(ctx, func(e *Entry) { m.tell(e, seen, fn) })
	m.deltas.End(err == nil)
	return time.Since(start), err
}

// together runs here on the calling goroutine and there on another until both have returned. The first to
// return ends the other. The error of there wins: here often fails only because there did.
func together(ctx context.Context, here, there func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	errC := make(chan error, 1)
	go func() {
		defer cancel()
		errC <- there(ctx)
	}()
	err := here(ctx)
	cancel()
	if other := <-errC; other != nil {
		return other
	}
	return err
}
