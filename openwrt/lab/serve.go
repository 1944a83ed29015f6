package lab

import (
	"context"
	"fmt"
	"net"
	"sync"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// listen opens a TCP listener inside a namespace.
func (n *NS) listen(address string) (l net.Listener, err error) {
	err = n.Do(func() error {
		var lc net.ListenConfig
		lc.SetMultipathTCP(false) // homes and their peers hardly speak it
		l, err = lc.Listen(context.Background(), "tcp", address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen in %q: %w", n.name, err)
	}
	return l, nil
}

// maxConns bounds the connections that one listener serves at a time.
const maxConns = 256

// serveTCP hands each connection to serve until ctx ends; it returns when all have ended.
func serveTCP(ctx context.Context, l net.Listener, serve func(net.Conn)) {
	defer closeWith(ctx, l)()
	var conns sync.WaitGroup
	defer conns.Wait()
	slots := make(chan struct{}, maxConns)
	for {
		slots <- struct{}{}
		c, err := l.Accept()
		if err != nil {
			return
		}
		conns.Go(func() {
			defer func() { <-slots }()
			defer closeWith(ctx, c)()
			serve(c)
		})
	}
}

// closeWith closes c when ctx ends or when the returned function is called, after which c is closed for certain: a
// second Close of a socket returns at once, though the first may not have given the port back yet.
func closeWith(ctx context.Context, c interface{ Close() error }) func() {
	closedC := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closedC)
		c.Close()
	})
	return sync.OnceFunc(func() {
		if stop() {
			c.Close()
			return
		}
		<-closedC
	})
}

// maxDatagram is the largest that a server here reads.
const maxDatagram = 2048

// serveUDP answers datagrams on a port of every address of a namespace, each from the address that it was
// sent to, as long as the home stands. A nil answer is none.
func (h *Home) serveUDP(n *NS, port int, answer func(request []byte) []byte) error {
	address := fmt.Sprintf(":%d", port)
	var c4, c6 net.PacketConn
	err := n.Do(func() (err error) {
		if c4, err = net.ListenPacket("udp4", address); err != nil {
			return err
		}
		c6, err = net.ListenPacket("udp6", address)
		return err
	})
	if err != nil {
		return fmt.Errorf("serve UDP in %q: %w", n.name, err)
	}
	h.tasks.Go(func() { defer closeWith(h.ctx, c4)(); answer4(c4, answer) })
	h.tasks.Go(func() { defer closeWith(h.ctx, c6)(); answer6(c6, answer) })
	return nil
}

func answer4(c net.PacketConn, answer func([]byte) []byte) {
	p, buf := ipv4.NewPacketConn(c), make([]byte, maxDatagram)
	if err := p.SetControlMessage(ipv4.FlagDst, true); err != nil {
		return
	}
	for {
		n, cm, from, err := p.ReadFrom(buf)
		if err != nil {
			return
		}
		if out := answer(buf[:n]); out != nil && cm != nil {
			_, _ = p.WriteTo(out, &ipv4.ControlMessage{Src: cm.Dst}, from) // as lost as any datagram
		}
	}
}

func answer6(c net.PacketConn, answer func([]byte) []byte) {
	p, buf := ipv6.NewPacketConn(c), make([]byte, maxDatagram)
	if err := p.SetControlMessage(ipv6.FlagDst, true); err != nil {
		return
	}
	for {
		n, cm, from, err := p.ReadFrom(buf)
		if err != nil {
			return
		}
		if out := answer(buf[:n]); out != nil && cm != nil {
			_, _ = p.WriteTo(out, &ipv6.ControlMessage{Src: cm.Dst}, from) // as lost as any datagram
		}
	}
}
