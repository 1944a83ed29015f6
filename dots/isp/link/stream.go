package link

import (
	"bufio"
	"io"
	"net"

	"spinneret/dots/coap"
)

func newStream(raw net.Conn, home string) *Conn {
	return &Conn{Home: home, Transport: TLS, raw: raw, reader: bufio.NewReaderSize(raw, maxDatagram)}
}

// Greet sends the message with which both ends of a stream begin (RFC 8323 section 5.3); datagrams need none.
func (c *Conn) Greet() error {
	if !c.Reliable() {
		return nil
	}
	return c.Send(coap.Message{Code: coap.CSM, Options: []coap.Option{coap.Number(coap.MaxMessageSize, maxMessage)}})
}

// receiveStream answers the signals of RFC 8323 section 5 itself.
func (c *Conn) receiveStream() (coap.Message, error) {
	for {
		m, err := coap.ReadStream(c.reader, maxMessage)
		if err != nil {
			return m, err
		}
		switch m.Code {
		case coap.Ping:
			if err := c.Send(coap.Message{Code: coap.Pong, Token: m.Token}); err != nil {
				return m, err
			}
		case coap.Release, coap.Abort:
			return m, io.EOF
		}
		if !m.Code.IsSignal() {
			return m, nil
		}
	}
}
