package link

import (
	"bufio"
	"crypto/x509"
	"net"
	"net/netip"
	"time"

	"spinneret/dots/coap"
)

// Conn carries CoAP messages from and to one end. One goroutine may send while another receives.
type Conn struct {
	Home      string // who is at the other end; empty where Dial made it
	Transport string // dtls or tls
	// Certificate is what the other end showed; nil where it has a shared key.
	Certificate *x509.Certificate
	Began       time.Time // when it began to say who it is

	raw    net.Conn
	reader *bufio.Reader // of a stream; nil with datagrams
	buffer []byte        // of Receive
}

// maxMessage bounds what a peer may send: a status of a few mitigations, with room.
const maxMessage = 8 << 10

// maxDatagram is the longest datagram that can arrive unfragmented, and more.
const maxDatagram = 2 << 10

// The transports.
const (
	DTLS = "dtls"
	TLS  = "tls"
)

func newDatagrams(raw net.Conn, home string) *Conn {
	return &Conn{Home: home, Transport: DTLS, raw: raw, buffer: make([]byte, maxDatagram)}
}

// Reliable reports whether what is sent arrives, or the connection ends: then there are no types and no message IDs.
func (c *Conn) Reliable() bool { return c.reader != nil }

// Peer is the other end's address, as it is now.
func (c *Conn) Peer() netip.AddrPort {
	switch a := c.raw.RemoteAddr().(type) {
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// Close ends it.
func (c *Conn) Close() error { return c.raw.Close() }

// Send sends one message.
func (c *Conn) Send(m coap.Message) error {
	if err := c.raw.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	data := m.Datagram
	if c.Reliable() {
		data = m.Stream
	}
	_, err := c.raw.Write(data())
	return err
}

// Receive waits for the next message; datagrams that are none are passed over.
func (c *Conn) Receive() (coap.Message, error) {
	if c.Reliable() {
		return c.receiveStream()
	}
	for {
		n, err := c.raw.Read(c.buffer)
		if err != nil {
			return coap.Message{}, err
		}
		if m, err := coap.ParseDatagram(c.buffer[:n]); err == nil {
			return m.Clone(), nil
		}
	}
}
