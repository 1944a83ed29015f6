package ui

import (
	"net"
	"sync"
)

// sendBuffer bounds what the kernel keeps for a browser that does not read, in bytes. Linux would let it grow to
// megabytes for each connection.
const sendBuffer = 128 << 10

// limited accepts at most so many connections at once; more wait in the kernel's backlog. (netutil.LimitListener
// does the same but hides the TCP connection.)
type limited struct {
	net.Listener
	slotC  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func limit(l net.Listener, n int) net.Listener {
	return &limited{Listener: l, slotC: make(chan struct{}, n), closed: make(chan struct{})}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slotC <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slotC
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		// Without it the connection works, with a larger buffer.
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
	return &limitedConn{Conn: c, release: func() { <-l.slotC }}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	once    sync.Once
	release func()
}

func (c *limitedConn) Close() error {
	c.once.Do(c.release)
	return c.Conn.Close()
}
