package firewall

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// stream is one live flow: a sender that writes numbers without a pause worth mentioning, and a receiver at
// the far side that keeps the highest it saw and how many.
type stream struct {
	name     string
	answer   bool // through a connection that the receiver began
	sent     atomic.Uint64
	received atomic.Uint64
	highest  atomic.Uint64
	stop     func() // ends the sender, not the receiver
}

const (
	streamPause  = 2 * time.Millisecond
	streamNumber = 8 // bytes
)

// write sends numbers until stopC is closed. What the network refuses is tried again: a device does not give
// up.
func (s *stream) write(c net.Conn, stopC <-chan struct{}) {
	tick := time.NewTicker(streamPause)
	defer tick.Stop()
	for {
		select {
		case <-stopC:
			return
		case <-tick.C:
		}
		n := s.sent.Load() + 1
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(binary.BigEndian.AppendUint64(nil, n)); err == nil {
			s.sent.Store(n)
		}
	}
}

// saw notes one number. A stream has one reader.
func (s *stream) saw(number []byte) {
	s.received.Add(1)
	s.highest.Store(max(s.highest.Load(), binary.BigEndian.Uint64(number)))
}

// listenUDP opens a socket in a namespace.
func listenUDP(t *testing.T, ns *lab.NS, addr netip.AddrPort) (in net.PacketConn) {
	t.Helper()
	err := ns.Do(func() (err error) {
		in, err = net.ListenPacket("udp", addr.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// udpStream sends from one namespace to an address of another.
func udpStream(t *testing.T, name string, from, to *lab.NS, addr netip.AddrPort) *stream {
	t.Helper()
	s := &stream{name: name}
	in := listenUDP(t, to, addr)
	out, err := from.Dial(t.Context(), "udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, func() {
		buf := make([]byte, 64)
		for {
			n, _, err := in.ReadFrom(buf)
			if err != nil {
				return
			}
			if n == streamNumber {
				s.saw(buf[:n])
			}
		}
	}, out, in)
	return s
}

// answerStream is the way back of a UDP flow that the device began: through NAT, as an answer.
func answerStream(t *testing.T, name string, device, server *lab.NS, addr netip.AddrPort) *stream {
	t.Helper()
	s := &stream{name: name, answer: true}
	in := listenUDP(t, server, addr)
	out, err := device.Dial(t.Context(), "udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = in.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, peer, err := in.ReadFrom(make([]byte, 64))
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, func() { s.readAll(out) }, toPeer{in, peer}, out)
	return s
}

// toPeer is the server's end of a UDP flow, as a connection.
type toPeer struct {
	net.PacketConn
	peer net.Addr
}

func (c toPeer) Write(b []byte) (int, error) { return c.WriteTo(b, c.peer) }
func (c toPeer) Read(b []byte) (int, error)  { n, _, err := c.ReadFrom(b); return n, err }
func (c toPeer) RemoteAddr() net.Addr        { return c.peer }

// tcpStream sends over one connection.
func tcpStream(t *testing.T, name string, from, to *lab.NS, addr netip.AddrPort) *stream {
	t.Helper()
	s := &stream{name: name}
	var l net.Listener
	err := to.Do(func() (err error) {
		l, err = net.Listen("tcp", addr.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out, err := from.Dial(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, func() { s.readAll(in) }, out, in)
	return s
}

func (s *stream) readAll(c net.Conn) {
	buf := make([]byte, streamNumber)
	for {
		if _, err := io.ReadFull(c, buf); err == nil {
			s.saw(buf)
		} else if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// run starts both ends, waits until the flow lives, and ends them with the test.
func (s *stream) run(t *testing.T, read func(), out net.Conn, in io.Closer) {
	t.Helper()
	var reader, writer sync.WaitGroup
	stopC := make(chan struct{})
	reader.Go(read)
	writer.Go(func() { s.write(out, stopC) })
	s.stop = sync.OnceFunc(func() {
		close(stopC)
		writer.Wait()
	})
	t.Cleanup(func() {
		_ = out.SetWriteDeadline(time.Unix(1, 0))
		s.stop()
		out.Close()
		in.Close()
		reader.Wait()
	})
	eventually(t, s.name+" lives", func() bool { return s.received.Load() > 10 })
}

// goesOnFrom says whether something arrived that was sent after number n.
func (s *stream) goesOnFrom(n uint64) bool { return s.highest.Load() > n }
