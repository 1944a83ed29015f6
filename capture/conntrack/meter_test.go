package conntrack

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Reading events may fail while dumps go on, and the other way round: the Meter must not live on by half.
func TestTheFirstErrorEndsBoth(t *testing.T) {
	broken := errors.New("broken")
	fails := func(context.Context) error { return broken }
	waits := func(ctx context.Context) error { <-ctx.Done(); return nil }
	if err := together(t.Context(), fails, waits); !errors.Is(err, broken) {
		t.Errorf("error of here: got %v", err)
	}
	if err := together(t.Context(), waits, fails); !errors.Is(err, broken) {
		t.Errorf("error of there: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := together(ctx, waits, waits); err != nil {
		t.Errorf("cancelled: got %v, want nil", err)
	}
}

func TestMeterRunsAgainWithoutCountingTwice(t *testing.T) {
	h := newHome(t)
	m := NewMeter(MeterConfig{Limit: 4096, Events: true})
	m.interval = func(time.Duration) time.Duration { return 5 * time.Millisecond }
	l := newLedger()
	t.Run("first", func(t *testing.T) { h.start(t, m, l.take) })
	sent := h.exchange(t, "192.168.1.163", "198.51.100.7:53", 20, 28)
	h.start(t, m, l.take)
	for port, f := range sent {
		eventually(t, "what came between is told", func() bool { return l.sent(port) == f.sent })
	}
	h.forget(t)
	eventually(t, "every flow has ended", func() bool { return l.ends() == len(sent) })
	for port, f := range sent {
		if got := l.sent(port); got != f.sent {
			t.Errorf("%v: counted %v, the far side %v", port, got, f.sent)
		}
	}
}

// cpu returns the processor time of this process so far, in user code and in the kernel.
func cpu(b *testing.B) (user, system time.Duration) {
	b.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano())
}

// BenchmarkIdle reads a big table in which nothing happens: once alone, once with what a Meter keeps of it.
func BenchmarkIdle(b *testing.B) {
	h := newHome(b)
	const n = 44000
	c := conntrackOf(b, h.router)
	for i := range n {
		create(b, c, i)
	}
	m := NewMeter(MeterConfig{Limit: 2 * n})
	for name, read := range map[string]func() error{
		"dump": func() error { return m.reader.Dump(b.Context(), func(*Entry) {}) },
		"meter": func() error {
			_, err := m.dump(b.Context(), func(*Entry, Delta) {})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) { h.measure(b, n, read) })
	}
	if used := m.Stats().Used; used < n {
		b.Fatalf("follows %d entries, want %d", used, n)
	}
}

// measure runs read in the router and reports what an entry costs.
func (h *home) measure(b *testing.B, entries int, read func() error) {
	inside(b, h.router, read) // the first one makes the buffers
	b.ReportAllocs()
	user, system := cpu(b)
	inside(b, h.router, func() error {
		for b.Loop() {
			if err := read(); err != nil {
				return err
			}
		}
		return nil
	})
	user2, system2 := cpu(b)
	each := float64(b.N) * float64(entries)
	b.ReportMetric(float64(user2-user)/each, "user-ns/entry")
	b.ReportMetric(float64(system2-system)/each, "system-ns/entry")
	b.ReportMetric(float64(b.Elapsed())/each, "ns/entry")
}
