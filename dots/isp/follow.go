package isp

import (
	"context"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// observation is the home's promise to tell how one request goes.
type observation struct {
	request store.Request
	token   string
	counter uint32    // of the last notification
	at      time.Time // when that came
}

// resume follows anew what was under way when the home was last here: its notifications were bound to that session.
func (s *session) resume() {
	now := s.now()
	var list []store.Request
	s.node.store.Requests.EachOf(s.home, func(r store.Request) bool {
		_, under := s.delivering[r.ID]
		if !under && r.State != store.Waiting && !r.At(now).Over() {
			list = append(list, r)
		}
		return true
	})
	for _, r := range list {
		s.follow(r, true)
	}
}

// follow observes a request; one from before this session may be unknown to its home by now.
func (s *session) follow(r store.Request, resumed bool) {
	if s.following[r.ID] {
		return
	}
	s.following[r.ID] = true
	o := &observation{request: r}
	o.token = s.ask(exchange{
		request: observe(newRequest(coap.GET, coap.NonConfirmable, s.path(r.MID), nil)), until: r.Ends,
		answered: func(m coap.Message) time.Duration {
			if _, there := m.Option(coap.Observe); there {
				s.observed[o.token] = o
			}
			if resumed && m.Code == coap.Code(wire.NotFound) {
				s.repeat(o)
			} else {
				s.notified(o, m)
			}
			return 0
		},
		over: func() { s.unfollow(o) },
	})
}

// repeat asks for a request anew that the home took and has no more before its time: it was reset.
func (s *session) repeat(o *observation) {
	s.unfollow(o)
	now := s.now()
	r, there := s.node.store.Requests.Get(o.request.ID)
	if !there || r.Takeback || r.At(now).Over() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	if err := s.node.store.Post(ctx, s.home, store.Letter{Operation: store.Put, Request: r.ID}, r.Ends.Sub(now)); err != nil {
		s.log.Warn("a request that the home forgot could not be repeated", "request", r.ID, "err", err)
	}
}

// successor is the later request to the same home that took the place of one, by the home's rules (RFC 9132 section
// 4.4.1.3); empty where there is none.
func (n *Node) successor(of store.Request) (id string) {
	n.store.Requests.EachOf(of.Home, func(r store.Request) bool {
		if r.MID > of.MID && r.Created.After(of.Created) && r.Scope.Overlaps(of.Scope) {
			id = r.ID
		}
		return id == ""
	})
	return id
}

func (s *session) unfollow(o *observation) {
	delete(s.observed, o.token)
	delete(s.following, o.request.ID)
}

// notified takes what the home tells of a request, unless it was overtaken by something newer.
func (s *session) notified(o *observation, m coap.Message) {
	now, id := s.now(), o.request.ID
	if counter, there := number(m, coap.Observe); there {
		if !o.newer(counter, now) {
			return
		}
		o.counter, o.at = counter, now
	}
	later := ""
	if m.Code == coap.Code(wire.NotFound) || first(m).Status == wire.Terminated {
		later = s.node.successor(o.request)
	}
	over := false
	s.tell(id, func(r *store.Request) bool {
		changed := status(r, m, now)
		if over = r.State.Over(); changed && r.State == store.Refused && later != "" {
			r.State, r.Why = store.Withdrawn, later+", a later request for the same traffic, took its place"
		}
		return changed
	})
	if over || m.Code != coap.Code(wire.Content) {
		s.unfollow(o)
	}
}

// newer is the rule of RFC 7641 section 3.4: counters have 24 bits and go around.
func (o *observation) newer(counter uint32, now time.Time) bool {
	const half = 1 << 23
	return o.at.IsZero() || now.After(o.at.Add(128*time.Second)) ||
		o.counter < counter && counter-o.counter < half || o.counter > counter && o.counter-counter > half
}
