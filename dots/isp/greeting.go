package isp

import (
	"context"
	"slices"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// greetingTries is how often we say what a session begins with (RFC 9132 section 4.5.2: max-retransmit 3).
const greetingTries = 4

// askConfig learns what the home has negotiated or offers, which is the first thing that a client does (RFC 9066
// section 5.2.1), and does so again before that is too old to be used (RFC 9132 section 4.5.1).
func (s *session) askConfig() {
	const usualAge = 60                             // seconds (RFC 7252 section 5.10.5)
	s.refresh = s.now().Add(usualAge * time.Second) // if that is not answered
	s.ask(exchange{
		request: newRequest(coap.GET, coap.Confirmable, wire.Path{Operation: wire.Config}, nil), maxTries: greetingTries,
		answered: func(m coap.Message) time.Duration {
			settings, _, err := wire.DecodeConfig(m.Payload)
			if err != nil || m.Code != coap.Code(wire.Content) {
				return 0
			}
			age, there := number(m, coap.MaxAge)
			if !there {
				age = usualAge
			}
			s.settings, s.refresh = settings, s.now().Add(time.Duration(max(age, usualAge))*time.Second)
			return 0
		},
	})
}

// askAll learns which requests of ours the home has (RFC 9132 section 4.4.2). Where we know less than it does, an older
// copy of the store was put back: the home would take new requests with those numbers for the old ones.
//
// All of it may be more than one message holds (RFC 7959 section 2.4): then block is the part to ask for, and body what
// came before.
func (s *session) askAll(ctx context.Context, block uint32, body []byte) {
	request := newRequest(coap.GET, coap.NonConfirmable, wire.Path{Operation: wire.Mitigate, CUID: s.node.authority.cuid}, nil)
	if block > 0 {
		request.Options = append(request.Options, coap.Number(coap.Block2, block))
	}
	s.ask(exchange{
		request: request, maxTries: greetingTries,
		answered: func(m coap.Message) time.Duration {
			if m.Code != coap.Code(wire.Content) {
				return 0
			}
			const more = 1 << 3
			whole := slices.Concat(body, m.Payload)
			part, _ := number(m, coap.Block2)
			switch {
			case part&more == 0:
				s.skipNumbers(ctx, whole)
			case len(m.Payload) > 0 && len(whole) <= wire.MaxBody:
				s.askAll(ctx, part&^more+1<<4, whole)
			}
			return 0
		},
	})
}

func (s *session) skipNumbers(ctx context.Context, body []byte) {
	reports, err := wire.DecodeReports(body)
	if err != nil {
		s.log.Warn("what a home holds cannot be read", "err", err)
		return
	}
	highest := uint32(0)
	for _, r := range reports {
		if r.MID != nil {
			highest = max(highest, *r.MID)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	skipped, err := s.node.store.SkipTo(ctx, s.home, highest)
	if err != nil {
		s.log.Warn("the numbers that a home holds could not be noted", "err", err)
	}
	if skipped {
		s.log.Warn("a home holds requests that we know nothing of: an older copy was put back", "mid", highest)
	}
}
