package isp

import (
	"context"
	"fmt"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// maxDelivering is how many letters a home is told at once; the others stay in its mailbox.
const maxDelivering = 16

// takeLetters takes up what came since the last look. A letter leaves the mailbox when the home answered: what was not
// answered is taken up again by the home's next session, wherever that is.
func (s *session) takeLetters(ctx context.Context) {
	for len(s.delivering) < maxDelivering && s.node.uses(s) {
		l, there, err := s.next(ctx)
		if err != nil {
			s.log.Warn("a home's mailbox could not be read", "err", err)
			return
		}
		if !there {
			return
		}
		under, err := s.takeUp(ctx, l)
		if err != nil {
			s.log.Warn("a letter could not be taken up, and is looked at again", "err", err)
			return
		}
		s.last = l.Seq
		if !under {
			s.finish(l)
		}
	}
}

func (s *session) next(ctx context.Context) (store.Letter, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return s.node.store.Next(ctx, s.home, s.last)
}

// finish takes a letter out of the mailbox.
func (s *session) finish(l store.Letter) {
	if s.delivering[l.Request].Seq == l.Seq {
		delete(s.delivering, l.Request)
		delete(s.saying, l.Request)
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	if err := s.node.store.Done(ctx, l); err != nil {
		s.log.Warn("a letter could not be taken out", "err", err)
	}
	s.poke() // there may be room for another now
}

// takeUp begins what a letter asks for, and reports false where there is nothing to do. The letter of another node may
// be here before the request that it is about.
func (s *session) takeUp(ctx context.Context, l store.Letter) (under bool, err error) {
	if l.Operation == store.Redirect && l.Redirect != nil {
		s.redirect(l)
		return true, nil
	}
	if l.Request == "" {
		return false, nil
	}
	finding, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	r, there, err := s.node.store.Requests.Find(finding, l.Request)
	if err != nil || !there || r.Home != s.home || r.At(s.now()).Over() {
		return false, err
	}
	switch l.Operation {
	case store.Put:
		return s.put(ctx, l, r), nil
	case store.Delete:
		s.delete(l, r)
		return true, nil
	}
	return false, nil
}

// tell notes what was heard of a request.
func (s *session) tell(id string, change func(r *store.Request) bool) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	var before, now store.Request
	err := s.node.store.Tell(ctx, id, func(r *store.Request) bool {
		before = *r
		changed := change(r)
		now = *r
		return changed
	})
	if now.State != before.State || now.Status != before.Status || now.Why != before.Why {
		s.log.Info("request changed", "request", id, "mid", now.MID, "state", now.State, "status", int(now.Status), "why", now.Why)
	}
	if err != nil {
		s.log.Warn("what a home said could not be noted", "request", id, "err", err)
	}
}

func (s *session) path(mid uint32) wire.Path {
	return wire.Path{Operation: wire.Mitigate, CUID: s.node.authority.cuid, MID: &mid}
}

// put asks the home. The request is noted as sent before it is: one that was withdrawn at that moment is not.
func (s *session) put(ctx context.Context, l store.Letter, r store.Request) bool {
	if r.Takeback {
		return false
	}
	s.supersede(r.ID)
	withdrawn := false
	s.tell(r.ID, func(v *store.Request) bool {
		withdrawn = v.State.Over()
		if v.State != store.Waiting || withdrawn {
			return false
		}
		v.State = store.Sent
		return true
	})
	if withdrawn || ctx.Err() != nil {
		return false
	}
	left := max(int64((r.Ends.Sub(s.now())+time.Second-1)/time.Second), 1) // all of what was asked for, where that is now
	body := wire.Request{Scope: r.Scope, Lifetime: left}.Encode()
	s.delivering[r.ID] = l
	s.saying[r.ID] = s.ask(exchange{
		request: newRequest(coap.PUT, coap.NonConfirmable, s.path(r.MID), body), until: r.Ends,
		answered: func(m coap.Message) time.Duration { return s.putAnswered(l, r, m) },
		over:     func() { s.finish(l) },
	})
	return true
}

func (s *session) putAnswered(l store.Letter, r store.Request, m coap.Message) time.Duration {
	if m.Code == coap.Code(wire.ServiceUnavailable) {
		wait := s.node.o.Timing.Retry
		if age, there := number(m, coap.MaxAge); there {
			wait = min(max(time.Duration(age)*time.Second, time.Second), time.Hour)
		}
		s.tell(r.ID, func(v *store.Request) bool {
			v.Why = fmt.Sprintf("the home is busy, and is asked again in %s", wait)
			return true
		})
		return wait
	}
	now, accepted := s.now(), false
	s.tell(r.ID, func(v *store.Request) bool { accepted = answer(v, m, now); return true })
	if accepted {
		s.follow(r, false)
	}
	s.finish(l)
	return 0
}

// supersede ends what is being said of a request: a later letter has what counts now.
func (s *session) supersede(request string) {
	if earlier, under := s.delivering[request]; under {
		delete(s.exchanges, s.saying[request])
		s.finish(earlier)
	}
}

// delete takes a request back.
func (s *session) delete(l store.Letter, r store.Request) {
	s.supersede(r.ID)
	s.delivering[r.ID] = l
	s.saying[r.ID] = s.ask(exchange{
		request: newRequest(coap.DELETE, coap.NonConfirmable, s.path(r.MID), nil), until: r.Ends,
		answered: func(m coap.Message) time.Duration {
			s.tell(r.ID, func(v *store.Request) bool { return takenBack(v, m) })
			s.finish(l)
			return 0
		},
		over: func() { s.finish(l) },
	})
}

// redirect sends the home elsewhere (RFC 9066 section 5.2.2); a home that cannot says why.
func (s *session) redirect(l store.Letter) {
	path := wire.Path{Operation: wire.Redirect, CUID: s.node.authority.cuid, MID: &l.MID}
	s.ask(exchange{
		request:  newRequest(coap.PUT, coap.NonConfirmable, path, l.Redirect.Encode()),
		maxTries: s.node.o.Timing.Quick,
		answered: func(m coap.Message) time.Duration {
			s.log.Info("a home answered a redirection", "mid", l.MID, "to", l.Redirect.Name, "answer", wire.Code(m.Code), "text", clip(m.Payload))
			s.finish(l)
			return 0
		},
		over: func() { s.finish(l) },
	})
}
