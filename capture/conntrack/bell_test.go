package conntrack

import (
	"context"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestBellRingsOnceUntilSomebodyWaitsAgain(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	b, err := newBell(ctx, int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	rungC := make(chan error, 1)
	go func() { rungC <- b.wait() }()
	say(t, w)
	if err := <-rungC; err != nil {
		t.Fatalf("it did not ring: %v", err)
	}
	say(t, w)
	if n, _ := unix.EpollWait(b.epoll, make([]unix.EpollEvent, 1), 0); n != 0 {
		t.Error("it rang although nobody waited")
	}
	if err := b.wait(); err != nil {
		t.Errorf("it does not ring for what is there already: %v", err)
	}
	if _, err := r.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	go cancel()
	if err := b.wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it ended with %v, not with its context", err)
	}
}

func say(t *testing.T, w *os.File) {
	t.Helper()
	if _, err := w.WriteString("!"); err != nil {
		t.Fatal(err)
	}
}
