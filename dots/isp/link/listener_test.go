package link

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fakePort accepts nobody: it fails at once where fail is set, else it waits until it is closed.
type fakePort struct {
	fail    error
	asked   int
	closeC  chan struct{}
	closing sync.Once
}

func newFakePort(fail error) *fakePort { return &fakePort{fail: fail, closeC: make(chan struct{})} }

func (p *fakePort) Accept() (net.Conn, error) {
	if p.asked++; p.fail != nil {
		return nil, p.fail
	}
	<-p.closeC
	return nil, net.ErrClosed
}

func (p *fakePort) Close() error {
	p.closing.Do(func() { close(p.closeC) })
	return nil
}

func (p *fakePort) Addr() net.Addr { return &net.TCPAddr{} }

// TestWithoutFileDescriptorsItWaits, and says so, in place of asking for callers again and again.
func TestWithoutFileDescriptorsItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		tcp := newFakePort(syscall.EMFILE)
		l := newListener(Options{Log: slog.New(slog.NewTextHandler(&said, nil))}, newFakePort(nil), tcp)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := l.Run(ctx, nil); err != nil {
			t.Errorf("it ends with %v", err)
		}
		if tcp.asked > 12 || !strings.Contains(said.String(), syscall.EMFILE.Error()) {
			t.Errorf("in ten seconds it asked %d times, and said %.200q", tcp.asked, said.String())
		}
	})
}

// TestASocketThatNobodyReadsEndsTheProgram: whoever watches over it starts it anew.
func TestASocketThatNobodyReadsEndsTheProgram(t *testing.T) {
	l := newListener(Options{Log: slog.New(slog.DiscardHandler)}, newFakePort(syscall.EIO), newFakePort(nil))
	if err := l.Run(t.Context(), nil); !errors.Is(err, syscall.EIO) {
		t.Errorf("it ends with %v", err)
	}
}

func TestStrangersDoNotFillTheLog(t *testing.T) {
	var said bytes.Buffer
	r := rebuffs{log: slog.New(slog.NewTextHandler(&said, nil))}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for range 1000 {
		r.tell(now, &net.UDPAddr{}, errors.New("no"))
	}
	if n := strings.Count(said.String(), "\n"); n != maxRebuffs {
		t.Errorf("of a thousand at once %d are named", n)
	}
	r.tell(now.Add(time.Minute), &net.UDPAddr{}, errors.New("no"))
	if !strings.Contains(said.String(), "untold=980") {
		t.Errorf("a minute later it says %q", said.String()[strings.LastIndexByte(strings.TrimSpace(said.String()), '\n')+1:])
	}
}
