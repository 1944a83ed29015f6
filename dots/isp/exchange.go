package isp

import (
	"encoding/binary"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// exchange is one request to the home that is not answered yet.
type exchange struct {
	request  coap.Message
	next     time.Time // when it is said (again)
	tries    int
	maxTries int       // 0: as often as there is time
	until    time.Time // when it is given up; zero: with the session
	answered func(m coap.Message) (again time.Duration)
	over     func() // it was given up
}

// ask begins an exchange. answered may want it said again after a while, by returning how long. The token comes back.
func (s *session) ask(x exchange) (token string) {
	s.token++
	x.request.Token = binary.BigEndian.AppendUint32(nil, s.token)
	x.next = s.now()
	token = string(x.request.Token)
	s.exchanges[token] = &x
	return token
}

// say sends what is due, and returns when the next will be.
func (s *session) say(now time.Time) (next time.Time, err error) {
	for token, x := range s.exchanges {
		if !x.until.IsZero() && !now.Before(x.until) || x.maxTries > 0 && x.tries >= x.maxTries && !now.Before(x.next) {
			delete(s.exchanges, token)
			if x.over != nil {
				x.over()
			}
			continue
		}
		if !now.Before(x.next) {
			if err := s.send(x); err != nil {
				return next, err
			}
			x.next = now.Add(s.pause(x))
		}
		next = earlier(next, earlier(x.next, x.until))
	}
	return next, nil
}

func (s *session) send(x *exchange) error {
	m := x.request
	if !s.conn.Reliable() && (m.Type == coap.NonConfirmable || x.tries == 0) { // a CON keeps its message ID
		s.mid++
		x.request.ID = s.mid
		m = x.request
	}
	x.tries++
	return s.conn.Send(m)
}

// pause is how long to wait for an answer: on a stream none is lost; a CON waits twice as long each time (RFC 7252
// section 4.2); a NON is said every three seconds (RFC 9132 section 4.4), and less often to a home that stays silent.
func (s *session) pause(x *exchange) time.Duration {
	t := s.node.o.Timing
	switch {
	case s.conn.Reliable():
		return t.LongWait
	case x.request.Type == coap.Confirmable:
		return t.Repeat << min(x.tries-1, 4)
	case x.tries > t.Quick:
		return t.LongWait
	}
	return t.Repeat
}

// earlier is the first of two times, of which zero ones do not count.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// newRequest is a message for a path of DOTS.
func newRequest(method coap.Code, kind coap.Type, path wire.Path, body []byte) coap.Message {
	m := coap.Message{Type: kind, Code: method, Payload: body}
	m.SetPath(path.Segments())
	if body != nil {
		m.Options = append(m.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
	}
	return m
}

// observe asks to be told of changes too (RFC 7641).
func observe(m coap.Message) coap.Message {
	m.Options = append([]coap.Option{coap.Number(coap.Observe, 0)}, m.Options...) // before the path; 0: register
	return m
}

// number is the value of an option that holds one.
func number(m coap.Message, option uint16) (uint32, bool) {
	o, there := m.Option(option)
	if !there {
		return 0, false
	}
	return o.Uint()
}
