package leases

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// handed is one call of what Watch was given.
type handed struct {
	list    []Lease
	skipped int
}

// watched collects what a Watch handed over.
type watched struct {
	mu    sync.Mutex
	calls []handed
}

func (w *watched) take(list []Lease, skipped int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, handed{list, skipped})
}

// last is what was handed over last, and how often something was.
func (w *watched) last() (handed, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[len(w.calls)-1], len(w.calls)
}

// watch runs Watch on path in the bubble of the test. stop ends it and gives its error.
func watch(t *testing.T, path string) (w *watched, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w = &watched{}
	ended := make(chan error, 1)
	go func() { ended <- Watch(ctx, path, w.take) }()
	synctest.Wait()
	return w, func() error { cancel(); return <-ended }
}

// passes lets a poll happen.
func passes() {
	time.Sleep(interval)
	synctest.Wait()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWatchTellsChangesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		w, stop := watch(t, path)
		if h, n := w.last(); n != 1 || len(h.list) != 0 {
			t.Fatalf("got %v at the start, want no leases: there is no file", h.list)
		}
		write(t, path, lines)
		passes()
		passes()
		if h, n := w.last(); n != 2 || len(h.list) != 5 {
			t.Fatalf("got %d lists, want a second one with 5 leases", n)
		}
		write(t, path, strings.Replace(lines, "printer", "scanner", 1)) // the same length
		passes()
		if h, n := w.last(); n != 3 || h.list[2].Name != "scanner" {
			t.Fatalf("got %d lists, want a third one with the new name", n)
		}
		write(t, path, "nonsense\n")
		passes()
		if h, n := w.last(); n != 4 || len(h.list) != 0 || h.skipped != 1 {
			t.Fatalf("got %d lists, want a fourth one with 1 line skipped", n)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		passes()
		if _, n := w.last(); n != 5 {
			t.Errorf("got %d lists, want a fifth one: the file is gone", n)
		}
		if err := stop(); err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
	})
}

func TestWatchOutlivesAShortFailureAndNotALongOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		write(t, path, lines)
		w, stop := watch(t, path)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(path, 0o755); err != nil { // what cannot be read, also by root
			t.Fatal(err)
		}
		passes()
		passes()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		write(t, path, lines)
		passes()
		if _, n := w.last(); n != 1 {
			t.Errorf("got %d lists, want the first one alone: the leases never changed", n)
		}
		if err := stop(); err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
	})
}

func TestWatchEndsWhereTheFileCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		err := Watch(t.Context(), dir, func([]Lease, int) { t.Error("handed over leases of a directory") })
		if err == nil || err.Error() != "read leases: "+dir+" is no file" {
			t.Errorf("error %v, want one that names %s", err, dir)
		}
	})
}
