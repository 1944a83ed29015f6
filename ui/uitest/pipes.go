package uitest

import (
	"context"
	"net"
	"sync"
)

// Pipes is a listener whose connections are net.Pipes, so that a whole server runs in a bubble of fake time. A pipe
// has no buffer: a write blocks until the other side reads.
type Pipes struct {
	ConnC chan net.Conn // what comes to be accepted
	once  sync.Once
	doneC chan struct{}
}

// NewPipes makes a listener to which nobody has come yet.
func NewPipes() *Pipes { return &Pipes{ConnC: make(chan net.Conn), doneC: make(chan struct{})} }

// Accept implements net.Listener.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.ConnC:
		return c, nil
	case <-p.doneC:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *Pipes) Close() error { p.once.Do(func() { close(p.doneC) }); return nil }

// Addr implements net.Listener.
func (p *Pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8484} }

// Dial comes to the listener, whatever network and address are named.
func (p *Pipes) Dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.ConnC <- there
	return here, nil
}
