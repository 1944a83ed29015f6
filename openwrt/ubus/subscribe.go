package ubus

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

// Socket is where ubusd listens.
const Socket = "/var/run/ubus/ubus.sock"

// An object that is not there is looked for after a second, then ever more seldom.
const (
	firstLook = time.Second
	lastLook  = time.Minute
)

// Subscribe calls fn with the name of each notification of an object, such as dnsmasq's dhcp.ack, until ctx ends. An
// object that goes, as dnsmasq does whenever its settings change, is waited for, and so is ubusd: whoever subscribes
// needs another way to know, which notifications only make faster. It speaks to ubusd itself: OpenWrt's program would be
// one more in memory for as long as the agent runs, and does not notice when the object comes back.
func Subscribe(ctx context.Context, socket, object string, fn func(notification string)) {
	for wait := firstLook; ctx.Err() == nil; wait = min(2*wait, lastLook) {
		if subscribed, _ := subscribe(ctx, socket, object, fn); subscribed {
			wait = firstLook
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// subscription is one connection with ubusd.
type subscription struct {
	net.Conn
	in  *bufio.Reader
	seq uint16
	fn  func(string)
}

// subscribe reports whether it was subscribed before it ended.
func subscribe(ctx context.Context, socket, object string, fn func(string)) (subscribed bool, err error) {
	dialer := net.Dialer{Timeout: CallTimeout}
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return false, fmt.Errorf("reach ubus: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	s := &subscription{Conn: conn, in: bufio.NewReader(conn), fn: fn}
	if err := s.begin(object); err != nil {
		return false, fmt.Errorf("subscribe to %s: %w", object, err)
	}
	for {
		m, err := readMessage(s.in)
		if err != nil || m.kind == msgUnsubscribe {
			return true, err
		}
		s.hear(m)
	}
}

// begin makes an object of ours, to which notifications go, and ties it to the other.
func (s *subscription) begin(object string) error {
	if err := s.SetDeadline(time.Now().Add(CallTimeout)); err != nil {
		return err
	}
	if _, err := readMessage(s.in); err != nil { // a greeting
		return err
	}
	ours, err := s.ask(msgAddObject)
	if err != nil {
		return err
	}
	target, err := s.ask(msgLookup, words(attrPath, object))
	if err != nil {
		return err
	}
	if _, err := s.ask(msgSubscribe, number(attrObject, ours), number(attrTarget, target)); err != nil {
		return err
	}
	return s.SetDeadline(time.Time{})
}

// ask returns the number of the object that the answer is about, 0 where it is about none.
func (s *subscription) ask(kind byte, attrs ...[]byte) (object uint32, err error) {
	s.seq++
	if _, err := s.Write(frame(kind, s.seq, attrs...)); err != nil {
		return 0, err
	}
	for {
		m, err := readMessage(s.in)
		if err != nil {
			return 0, err
		}
		switch m.kind {
		case msgData:
			object, _ = m.number(attrObject)
		case msgStatus:
			if status, ok := m.number(attrStatus); !ok || status != 0 {
				return 0, fmt.Errorf("ubus answers with status %d", status)
			}
			if kind == msgLookup && object == 0 { // nothing of it is for us to see
				return 0, ErrNotFound
			}
			return object, nil
		default:
			s.hear(m)
		}
	}
}

// hear takes a notification. Nobody waits for an answer to those of dnsmasq.
func (s *subscription) hear(m message) {
	if m.kind == msgInvoke {
		s.fn(m.text(attrMethod))
	}
}
