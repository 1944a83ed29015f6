package lab

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"
)

// startUDP opens both ends, which stay open until ctx ends. A refusal that comes back as ICMP is not the end of a datagram socket.
func (c *Counter) startUDP() error {
	far, err := c.listenUDP()
	if err != nil {
		return err
	}
	near, err := c.path.From.Dial(c.ctx, "udp", addrPort(far.LocalAddr()))
	if err != nil {
		far.Close()
		return err
	}
	c.tasks.Go(func() {
		defer closeWith(c.ctx, far)()
		c.echoUDP(far)
	})
	c.tasks.Go(func() { c.readUDP(near) })
	c.tasks.Go(func() { c.send(near, func(err error) bool { return errors.Is(err, net.ErrClosed) }) })
	return nil
}

func (c *Counter) listenUDP() (conn *net.UDPConn, err error) {
	err = c.path.To.Do(func() error {
		conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.path.Addr))
		return err
	})
	return conn, err
}

func (c *Counter) echoUDP(far *net.UDPConn) {
	for buf := make([]byte, c.path.Size); ; {
		n, from, err := far.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			c.note(buf[:n], from)
			_, _ = far.WriteToUDPAddrPort(buf[:n], from) // as lost as any datagram
		}
	}
}

func (c *Counter) readUDP(near net.Conn) {
	for buf := make([]byte, c.path.Size); ; {
		_, err := near.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			c.noteBack()
		}
	}
}

// startTCP opens the far end and connects for the first time.
func (c *Counter) startTCP() error {
	l, err := c.path.To.listen(c.path.Addr.String())
	if err != nil {
		return err
	}
	to := addrPort(l.Addr())
	conn, err := c.path.From.Dial(c.ctx, "tcp", to)
	if err != nil {
		l.Close()
		return err
	}
	c.tasks.Go(func() { serveTCP(c.ctx, l, c.echoTCP) })
	c.tasks.Go(func() { c.sendTCP(conn, to) })
	return nil
}

func (c *Counter) echoTCP(far net.Conn) {
	for packet := make([]byte, c.path.Size); ; {
		if _, err := io.ReadFull(far, packet); err != nil {
			return
		}
		c.note(packet, netip.AddrPort{})
		if _, err := far.Write(packet); err != nil {
			return
		}
	}
}

// redialPause is how long a broken connection waits before the next.
const redialPause = 100 * time.Millisecond

// sendTCP sends over conn and, once that breaks, over new ones to the same port.
func (c *Counter) sendTCP(conn net.Conn, to netip.AddrPort) {
	for c.ctx.Err() == nil {
		c.useTCP(conn)
		for pause(c.ctx, redialPause) {
			var err error
			if conn, err = c.redial(to); err == nil {
				break
			}
		}
	}
}

func (c *Counter) redial(to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, time.Second)
	defer cancel()
	var conn net.Conn
	err := c.path.From.Do(func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", to.String())
		return err
	})
	return conn, err
}

// useTCP sends over one connection and reads what comes back, until either fails or it is told to stop and
// ctx ends.
func (c *Counter) useTCP(conn net.Conn) {
	brokenC := make(chan struct{})
	c.tasks.Go(func() {
		defer close(brokenC)
		for packet := make([]byte, c.path.Size); ; {
			if _, err := io.ReadFull(conn, packet); err != nil {
				return
			}
			c.noteBack()
		}
	})
	defer closeWith(c.ctx, conn)()
	c.send(conn, func(error) bool { return true })
	select {
	case <-brokenC:
	case <-c.ctx.Done():
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.AddrPort()
	case *net.UDPAddr:
		return a.AddrPort()
	}
	return netip.AddrPort{}
}
