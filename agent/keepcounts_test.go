package agent

import (
	"context"
	"testing"

	"spinneret/agent/decide"
	"spinneret/openwrt/firewall"
)

// countingKernel counts for the first order what the test says.
type countingKernel struct{ now firewall.Proof }

func (countingKernel) Apply(context.Context, firewall.State) error { return nil }

func (k countingKernel) Counters(context.Context) (firewall.Counters, error) {
	return firewall.Counters{Quarantines: map[string]firewall.Proof{"q1": k.now}}, nil
}

// TestWhatWasRefusedIsWrittenDownAtTheEnd, with what of it the kernel goes on from, and not without need.
func TestWhatWasRefusedIsWrittenDownAtTheEnd(t *testing.T) {
	var b decide.Book
	b.Put(decide.Order{MAC: macOf(0), Level: "full", Source: decide.Owner, Since: epoch})
	b.Put(decide.Order{MAC: macOf(1), Level: "full", Source: decide.Owner, Since: epoch})
	packets := func(n uint64) firewall.Count { return firewall.Count{Packets: n, Bytes: 60 * n} }
	saved := written(t, &b, firewall.State{}, epoch)
	saved.Orders[0].Refused, saved.Orders[0].Shown, saved.Orders[1].Refused, saved.Boot = packets(7), packets(5), packets(3), bootID()
	for _, c := range []struct {
		now    firewall.Proof
		writes int
	}{
		{firewall.Proof{Refused: packets(7), Shown: packets(5)}, 0},
		{firewall.Proof{Refused: packets(9), Shown: packets(7)}, 1},
		{firewall.Proof{Refused: packets(7)}, 1}, // a flushed ruleset
	} {
		var writes []*savedQuarantines
		e := newEnforcer(countingKernel{c.now}, func(s *savedQuarantines) error { writes = append(writes, s); return nil }, nil)
		e.written = saved
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := e.Run(ctx); err != nil || len(writes) != c.writes {
			t.Fatalf("with %+v it is written %d times (%v), want %d", c.now, len(writes), err, c.writes)
		}
		for _, s := range writes {
			if s.counted(bootID())["q1"] != c.now || s.counted("")["q2"].Refused != packets(3) || len(s.Orders) != 2 {
				t.Errorf("written is %+v", s)
			}
		}
	}
	if got := saved.counted("another")["q1"]; got.Refused != packets(7) || got.Shown != packets(0) {
		t.Errorf("after a reboot it is %+v, want all of it and nothing in the kernel", got)
	}
}

// TestARequestCountsOnOverARestart: what its orders have counted more than it had written down is its own, and what it
// had written down later than they did is not lost.
func TestARequestCountsOnOverARestart(t *testing.T) {
	for _, c := range []struct{ written, total, want uint64 }{{7, 7, 7}, {7, 9, 9}, {7, 5, 7}, {7, 0, 7}} {
		whileAsked(t, "flow", func(a asks) {
			a.flow(0, 40321)
			a.ask(1, 40321)
			var first, later uint64
			if err := a.do(a.Context(), func() {
				r := a.home.requests.List[0]
				r.Dropped.Packets, a.home.wasRead = c.written, false
				read := func(packets uint64) uint64 {
					order := a.book.For(r.ID)[0].ID
					proof := firewall.Proof{InForce: true, Refused: firewall.Count{Packets: packets}}
					a.read(firewall.Counters{Quarantines: map[string]firewall.Proof{order: proof}})
					a.informAll(a.now())
					return r.Dropped.Packets
				}
				first, later = read(c.total), read(c.total+10)
			}); err != nil {
				t.Fatal(err)
			}
			if first != c.want || later != c.want+10 {
				t.Errorf("of %d written down and %d counted come %d, and ten later %d; want %d", c.written, c.total, first, later, c.want)
			}
		})
	}
}
