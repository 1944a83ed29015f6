package dots

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

var (
	errEnded = errors.New("the provider ended the session")
	errTurn  = errors.New("the session is to go another way") // for reasons of ours; no failure
)

// settings are those in force: one set while a mitigation is, the other while none is (RFC 9132 section 4.5).
func (x *exchange) settings() wire.Settings {
	if x.s.active(x.client) {
		return x.config.Mitigating
	}
	return x.config.Idle
}

// streamPatience is how many heartbeats may go unanswered over a stream, where they cannot be lost (RFC 9132 section
// 4.7 lets go of a stream after one; our peer may be behind an attack).
const streamPatience = 3

// interval is the time between heartbeats, and deadline when a peer that stays silent counts as gone.
func (x *exchange) interval() time.Duration {
	return time.Duration(x.settings().Heartbeat) * x.s.o.Timing.Second
}

func (x *exchange) deadline() time.Time {
	missing := x.settings().Missing
	if !x.datagrams {
		missing = streamPatience
	}
	return x.heard.Add(x.interval() * time.Duration(missing))
}

// due is what to send now.
func (x *exchange) due(now time.Time) (out []coap.Message) {
	x.collect()
	if !x.nextBeat.After(now) {
		x.nextBeat = now.Add(x.interval())
		out = append(out, x.heartbeatOut(now))
	}
	return append(out, x.notifications(now)...)
}

// heartbeatOut is our heartbeat; it says whether the peer's arrive (RFC 9132 section 4.7).
func (x *exchange) heartbeatOut(now time.Time) coap.Message {
	id := x.nextID()
	m := coap.Message{Type: coap.NonConfirmable, Code: coap.PUT, ID: id, Token: []byte{0x68, byte(id >> 8), byte(id)}}
	m.SetPath(wire.Path{Operation: wire.Hb}.Segments())
	m.Options = append(m.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
	m.Payload = wire.EncodeHeartbeat(!x.beat.IsZero() && now.Sub(x.beat) <= 2*x.interval())
	return m
}

// next is when there is something to do without being asked.
func (x *exchange) next() time.Time {
	next := x.deadline()
	earlier := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	earlier(x.nextBeat)
	for _, o := range x.observers {
		earlier(o.when(x.s.o.Timing))
	}
	return next
}

// attach lets an exchange hear of changes, detach ends that.
func (s *Server) attach(x *exchange) {
	s.mu.Lock()
	s.exchanges[x] = true
	s.mu.Unlock()
}

func (s *Server) detach(x *exchange) {
	s.mu.Lock()
	delete(s.exchanges, x)
	s.mu.Unlock()
}

// serve keeps a session going until the peer is gone, ctx ends, or over says that it is time to leave. It closes the
// link.
func (s *Server) serve(ctx context.Context, l link, x *exchange, over func(time.Time) bool) error {
	s.attach(x)
	ctx, cancel := context.WithCancel(ctx)
	var reader sync.WaitGroup
	inC, errC := make(chan coap.Message), make(chan error, 1)
	reader.Go(func() { errC <- read(ctx, l, inC) })
	defer func() {
		s.detach(x)
		cancel()
		l.close()
		reader.Wait()
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	if !x.datagrams {
		if err := l.send(coap.Message{Code: coap.CSM, Options: []coap.Option{coap.Number(coap.MaxMessageSize, maxMessage)}}); err != nil {
			return err
		}
	}
	for {
		now := s.o.Now()
		if now.After(x.deadline()) {
			return fmt.Errorf("hear from %s: nothing came for %s", l.peer(), now.Sub(x.heard).Round(time.Second))
		}
		if err := sendAll(l, x.due(now)); err != nil {
			return err
		}
		if over(now) {
			return errTurn
		}
		timer.Reset(max(x.next().Sub(now), time.Millisecond))
		select {
		case <-ctx.Done():
			return nil
		case err := <-errC:
			return err
		case m := <-inC:
			if err := sendAll(l, x.handle(s.o.Now(), m)); err != nil {
				return err
			}
			if x.leave {
				return errEnded
			}
		case <-x.wakeC:
		case <-timer.C:
		}
	}
}

// read hands on what comes, until the link is closed.
func read(ctx context.Context, l link, inC chan<- coap.Message) error {
	for {
		m, err := l.receive()
		if err != nil {
			return fmt.Errorf("read from %s: %w", l.peer(), err)
		}
		select {
		case inC <- m:
		case <-ctx.Done():
			return nil
		}
	}
}

func sendAll(l link, list []coap.Message) error {
	for _, m := range list {
		if err := l.send(m); err != nil {
			return fmt.Errorf("write to %s: %w", l.peer(), err)
		}
	}
	return nil
}

// oneLine is an error's text where a line is all there is room for.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
