package leases

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
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

// watch runs Watch on path in the bubble of the test. stop ends it and gives its error, log has what it said by then.
func watch(t *testing.T, path string) (w *watched, log *bytes.Buffer, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w = &watched{}
	log = &bytes.Buffer{}
	ended := make(chan error, 1)
	go func() {
		ended <- Watch(ctx, path, []string{path + ".none", path + ".odhcpd"}, nil, slog.New(slog.NewTextHandler(log, nil)), w.take)
	}()
	synctest.Wait()
	return w, log, func() error { cancel(); return <-ended }
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
		w, _, stop := watch(t, path)
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

func TestWatchLooksAtOnceWhenThereIsWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		ctx, cancel := context.WithCancel(t.Context())
		w, wordC, ended := &watched{}, make(chan struct{}), make(chan error)
		go func() { ended <- Watch(ctx, path, nil, wordC, slog.New(slog.DiscardHandler), w.take) }()
		synctest.Wait()
		wordC <- struct{}{}
		write(t, path, lines) // dnsmasq writes after it spoke
		time.Sleep(settled)
		synctest.Wait()
		if h, n := w.last(); n != 2 || len(h.list) != 5 {
			t.Errorf("got %d lists, want a second one with 5 leases", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
	})
}

func TestWatchTellsOfOdhcpdsLeasesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		write(t, path, lines)
		w, _, stop := watch(t, path)
		write(t, path+".odhcpd", odhcpdLines)
		passes()
		if h, n := w.last(); n != 2 || len(h.list) != 10 || h.list[5].Name != "front-door-cam" {
			t.Errorf("got %d lists, the last %v, want a second one with 10 leases", n, h.list)
		}
		obstruct(t, path+".odhcpd")
		passes()
		if h, n := w.last(); n != 3 || len(h.list) != 5 {
			t.Errorf("got %d lists, the last %v, want a third one with dnsmasq's leases alone", n, h.list)
		}
		if err := stop(); err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
	})
}

// obstruct puts a directory in the file's place: what cannot be read, also by root.
func obstruct(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
		t.Fatal(err)
	}
}

func TestWatchSaysNothingOfAShortFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		write(t, path, lines)
		w, log, stop := watch(t, path)
		obstruct(t, path)
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
		if err := stop(); err != nil || log.Len() != 0 {
			t.Errorf("cancelled watch: %v, want nil; it said %q", err, log)
		}
	})
}

func TestWatchWarnsOnceOfALongFailureAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "dhcp.leases")
		write(t, path, lines)
		w, log, stop := watch(t, path)
		for range 2 {
			obstruct(t, path)
			for range 3 * maxFailures {
				passes()
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			write(t, path, strings.Replace(lines, "printer", "scanner", 1))
			passes()
		}
		if h, n := w.last(); n != 2 || h.list[2].Name != "scanner" {
			t.Errorf("got %d lists, want a second one once the file can be read again", n)
		}
		if err := stop(); err != nil {
			t.Errorf("cancelled watch: %v, want nil", err)
		}
		warned := strings.Count(log.String(), "level=WARN")
		if warned != 2 || !strings.Contains(log.String(), path+" is no file") || strings.Count(log.String(), "read again") != 2 {
			t.Errorf("it said %q, want one warning that names the file for each failure, and that it is over", log)
		}
	})
}
