package ui

import (
	"net"
	"net/netip"
	"sync"
)

// sendBuffer bounds what the kernel keeps for a browser that does not read, in bytes. Linux would let it grow to
// megabytes for each connection.
const sendBuffer = 128 << 10

// limited accepts at most so many connections at once, and of one client at most a part of them: a device that
// opens a thousand does not keep the owner out. Nor does one that invents more devices: those from which the owner came
// lately have places beside all others. What is too much is closed at once.
type limited struct {
	net.Listener
	who       func(remoteAddr string) Asker // nil: clients are told apart by address
	owner     func(mac string) bool         // whether the owner came from this device
	most      int
	perClient int

	mu   sync.Mutex
	all  int            // connections, but for the owner's
	open map[string]int // connections by client
}

func limit(l net.Listener, most, perClient int, who func(string) Asker, owner func(string) bool) *limited {
	return &limited{Listener: l, who: who, owner: owner, most: most, perClient: perClient, open: map[string]int{}}
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := l.clientOf(c)
		place := 1
		if l.owner(client) {
			place = 0
		}
		if !l.enter(client, place) {
			c.Close()
			continue
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			// Without it the connection works, with a larger buffer.
			_ = tcp.SetWriteBuffer(sendBuffer)
		}
		return &limitedConn{Conn: c, release: func() { l.leave(client, place) }}, nil
	}
}

// strangers are all clients together of which no device is known.
const strangers = "strangers"

// clientOf is the device, since one device has as many IPv6 addresses as it likes. The new ones among them are not
// known for a moment: so who is not known yet is counted with all others of that kind. The router itself is no
// client: behind its loopback stand a proxy or a tunnel of many.
func (l *limited) clientOf(c net.Conn) string {
	from := c.RemoteAddr().String()
	if l.who != nil {
		if mac := l.who(from).MAC; mac != "" {
			return mac
		}
	}
	addr, err := netip.ParseAddrPort(from)
	switch {
	case err != nil || addr.Addr().Unmap().IsLoopback():
		return ""
	case l.who == nil:
		return addr.Addr().Unmap().WithZone("").String()
	}
	return strangers
}

// enter takes one of the places of all, or none where place is 0, and reports whether there was one.
func (l *limited) enter(client string, place int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if client != "" && l.open[client] >= l.perClient || l.all+place > l.most {
		return false
	}
	l.open[client]++
	l.all += place
	return true
}

func (l *limited) leave(client string, place int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
	l.all -= place
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
