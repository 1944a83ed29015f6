package agent

import (
	"log/slog"
	"testing"
	"time"

	"spinneret/agent/state"
	"spinneret/ui"
)

// TestTheHomeAsItWas: who was held back then and what went on, also once that is over and the program was restarted.
func TestTheHomeAsItWas(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		before := b.now().Add(-time.Second)
		if _, err := b.cut(1, ui.QuarantineOrder{}); err != nil {
			t.Fatal(err)
		}
		b.telnets(0, "198.51.100.9")
		during := b.now()
		time.Sleep(time.Second)
		if _, err := b.Release(b.Context(), macOf(1).String(), ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		looks := func(h *home, at time.Time, held, found int) {
			t.Helper()
			m, err := h.Moment(b.Context(), at)
			if err != nil || len(m.Quarantines) != held || len(m.Findings) != found || m.Since == nil {
				t.Errorf("it was %+v, %v; want %d held back and %d found", m, err, held, found)
			}
		}
		looks(b.home, before, 0, 0)
		looks(b.home, during, 1, 1)
		looks(b.home, b.now(), 0, 0)
		m, _ := b.Moment(b.Context(), during)
		if q := m.Quarantines[0]; q.Device != macOf(1).String() || q.Level != "full" || q.Source != "owner" || q.Until == nil || q.Until.Before(during) {
			t.Errorf("held back was %+v", q)
		}
		if err := dir.Save(quarantineFile, save(b.book, b.desired(b.book), b.now())); err != nil {
			t.Fatal(err)
		}
		o := Options{Now: b.now}
		o.setDefaults()
		again := newHome(o, slog.New(slog.DiscardHandler))
		again.adopt(dir)
		if spans, _ := again.book.At(during, b.now()); len(spans) != 1 {
			t.Errorf("the next run knows %+v", spans)
		}
	})
}
