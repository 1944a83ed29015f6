package isp

import (
	"encoding/binary"
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
	if len(answer.Payload) == 0 {
		answer.Payload = nil
	}
	if s.conn.Reliable() {
		return s.conn.Send(answer)
	}
	if answer.Type, answer.ID = coap.Acknowledgment, m.ID; m.Type != coap.Confirmable {
		s.mid++
		answer.Type, answer.ID = coap.NonConfirmable, s.mid
	}
	return s.conn.Send(answer)
}

func (s *session) judge(m coap.Message) (wire.Code, string) {
	for _, o := range m.Options {
		known := o.Number == coap.URIPath || o.Number == coap.URIHost || o.Number == coap.URIPort || o.Number == coap.URIQuery
		if o.Critical() && !known { // RFC 7252 section 5.4.1
			return wire.BadOption, "an option is critical and unknown"
		}
	}
	path, err := wire.ParsePath(m.Path())
	switch {
	case err != nil || path.Operation != wire.Hb:
		return wire.NotFound, "a home finds nothing here but hb"
	case m.Code != coap.PUT:
		return wire.MethodNotAllowed, "hb takes PUT alone"
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
