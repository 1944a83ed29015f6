package isp

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// receive takes one message of the home: an answer, a notification, or its heartbeat.
func (s *session) receive(m coap.Message) error {
	switch {
	case m.Code == coap.Empty:
		return s.receiveEmpty(m)
	case m.Code.IsRequest():
		return s.receiveRequest(m)
	}
	known := s.receiveAnswer(m)
	switch {
	case s.conn.Reliable():
		return nil
	case !known:
		return s.conn.Send(coap.Message{Type: coap.Reset, ID: m.ID})
	case m.Type == coap.Confirmable:
		return s.conn.Send(coap.Message{Type: coap.Acknowledgment, ID: m.ID})
	}
	return nil
}

// receiveEmpty answers a ping; an empty acknowledgement says that the answer will come on its own.
func (s *session) receiveEmpty(m coap.Message) error {
	if m.Type == coap.Confirmable && !s.conn.Reliable() { // RFC 7252 section 4.3
		return s.conn.Send(coap.Message{Type: coap.Reset, ID: m.ID})
	}
	return nil
}

// receiveAnswer reports whether anything here waits for the answer.
func (s *session) receiveAnswer(m coap.Message) bool {
	if len(m.Token) == 4 && binary.BigEndian.Uint32(m.Token) == s.hbToken {
		return true
	}
	token := string(m.Token)
	x, asked := s.exchanges[token]
	if asked {
		delete(s.exchanges, token)
		if again := x.answered(m); again > 0 {
			x.next = s.now().Add(again)
			s.exchanges[token] = x
		}
		return true
	}
	o, observed := s.observed[token]
	if observed {
		s.notified(o, m)
	}
	return observed
}

// receiveRequest answers what a home may ask of us, which is whether we hear its heartbeats (RFC 9132 section 4.7).
func (s *session) receiveRequest(m coap.Message) error {
	code, text := s.judge(m)
	answer := coap.Message{Code: coap.Code(code), Token: m.Token, Payload: []byte(text)}
	switch {
	case s.conn.Reliable():
	case m.Type == coap.Confirmable:
		answer.Type, answer.ID = coap.Acknowledgment, m.ID
	case code == wire.BadOption: // RFC 7252 section 5.4.1
		answer = coap.Message{Type: coap.Reset, ID: m.ID}
	default:
		s.mid++
		answer.Type, answer.ID = coap.NonConfirmable, s.mid
	}
	return s.conn.Send(answer)
}

// understood are the critical options that a heartbeat may have.
var understood = []uint16{coap.URIHost, coap.URIPort, coap.URIPath, coap.URIQuery, coap.Accept}

// judge is the answer to a request, in words too where it is a refusal (RFC 9132 section 3).
func (s *session) judge(m coap.Message) (wire.Code, string) {
	for _, o := range m.Options {
		if o.Critical() && !slices.Contains(understood, o.Number) {
			return wire.BadOption, fmt.Sprintf("option %d is critical and unknown here", o.Number)
		}
	}
	path, err := wire.ParsePath(m.Path())
	switch {
	case path.Operation != wire.Hb:
		return wire.NotFound, "a home finds nothing here but hb"
	case m.Code != coap.PUT:
		return wire.MethodNotAllowed, "hb takes PUT alone"
	case err != nil:
		return wire.BadRequest, "hb has no parameters"
	}
	if format, there := number(m, coap.ContentFormat); there && format != wire.ContentFormat {
		return wire.UnsupportedFormat, "a body is to be application/dots+cbor (271)"
	}
	if _, err := wire.DecodeHeartbeat(m.Payload); err != nil {
		return wire.BadRequest, err.Error()
	}
	s.heardBeat = s.now()
	return wire.Changed, ""
}

// sendHeartbeat tells the home that we are there, and whether we heard it within two intervals.
func (s *session) sendHeartbeat(now time.Time, interval time.Duration) error {
	body := wire.EncodeHeartbeat(now.Sub(s.heardBeat) <= 2*interval)
	m := newRequest(coap.PUT, coap.NonConfirmable, wire.Path{Operation: wire.Hb}, body)
	m.Token = binary.BigEndian.AppendUint32(nil, s.hbToken)
	s.mid++
	m.ID = s.mid
	return s.conn.Send(m)
}
