package conntrack

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// ear reads the events of a socket, and keeps its pace.
type ear struct {
	socket *socket
	bell   *bell
	timer  *time.Timer
	heard  bool // something, since it last waited
	buf    []byte
	read   func() (int, error) // made once: an event costs no garbage
}

// newEar returns an ear that hears until ctx ends.
func newEar(ctx context.Context, s *socket) (*ear, error) {
	if err := unix.SetNonblock(s.fd, true); err != nil {
		return nil, err
	}
	b, err := newBell(ctx, s.fd)
	if err != nil {
		return nil, err
	}
	e := &ear{socket: s, bell: b, timer: time.NewTimer(0), buf: make([]byte, eventBuffer)}
	e.read = func() (int, error) { return unix.Read(s.fd, e.buf) }
	return e, nil
}

func (e *ear) close() {
	e.timer.Stop()
	e.bell.close()
}

// next waits for an event; it is valid until the one after.
func (e *ear) next(ctx context.Context) ([]byte, error) {
	for {
		n, err := e.socket.pace.try(e.read)
		switch {
		case err == nil:
			e.heard = true
			return e.buf[:n], nil
		case err != unix.EAGAIN:
			return nil, err
		case e.heard:
			e.heard = false
			e.pause(ctx)
			continue
		}
		if err := e.bell.wait(); err != nil {
			return nil, err
		}
	}
}

// pause lets more events come together, but not where a dump waits for what came.
func (e *ear) pause(ctx context.Context) {
	e.timer.Reset(eventPause)
	select {
	case <-e.timer.C:
	case <-e.socket.pace.hurryC:
	case <-ctx.Done():
	}
}
