package dots

import (
	"bytes"
	"slices"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

const (
	maxObservers = 32 // of one session
	keptIDs      = 8  // of the latest notifications, which a reset may come for
)

// observer wants to hear of changes (RFC 7641). It belongs to its connection and ends with it.
type observer struct {
	token  []byte
	path   wire.Path
	urgent bool     // there is news
	dirty  bool     // there are other counters
	last   [][]byte // what is said of mitigations that are over
	sent   time.Time
	ids    [keptIDs]uint16
	count  int
}

// observed is the answer to a GET, which may begin or end an observation (RFC 7641 section 2).
func (x *exchange) observed(now time.Time, m coap.Message, p wire.Path, a wire.Answer) answer {
	o, there := m.Option(coap.Observe)
	if !there || len(m.Token) == 0 {
		return answer{Answer: a}
	}
	x.observers = slices.DeleteFunc(x.observers, func(o *observer) bool { return bytes.Equal(o.token, m.Token) })
	if begin, ok := o.Uint(); !ok || begin != 0 || a.Code != wire.Content || len(x.observers) >= maxObservers {
		return answer{Answer: a}
	}
	x.observers = append(x.observers, &observer{token: m.Token, path: p, sent: now})
	return answer{Answer: a, options: []coap.Option{x.counter()}}
}

// counter numbers an answer or notification (RFC 7641 section 3.4).
func (x *exchange) counter() coap.Option {
	x.sequence = (x.sequence + 1) & 0xffffff
	return coap.Number(coap.Observe, x.sequence)
}

// reset ends the observation that a notification with this ID was for (RFC 7641 section 3.6).
func (x *exchange) reset(id uint16) {
	x.observers = slices.DeleteFunc(x.observers, func(o *observer) bool {
		return slices.Contains(o.ids[:min(o.count, keptIDs)], id)
	})
}

// collect takes the notes that the server left.
func (x *exchange) collect() {
	x.s.mu.Lock()
	notes := x.notes
	x.notes = nil
	x.s.mu.Unlock()
	for _, n := range notes {
		for _, o := range x.observers {
			if o.path.Operation != wire.Mitigate || o.path.CUID != n.key.CUID || o.path.MID != nil && *o.path.MID != n.key.MID {
				continue
			}
			o.dirty = true
			if n.last != nil {
				o.last = append(o.last, n.last)
			} else {
				o.urgent = o.urgent || n.news
			}
		}
	}
}

// when is the time of the next notification.
func (o *observer) when(t Timing) time.Time {
	switch {
	case o.urgent || len(o.last) > 0:
		return o.sent
	case o.dirty:
		return o.sent.Add(t.Notify)
	}
	return o.sent.Add(t.Refresh)
}

// notifications are those that are due. They are non-confirmable always (RFC 9132 section 4.4.2.1).
func (x *exchange) notifications(now time.Time) (out []coap.Message) {
	for _, o := range slices.Clone(x.observers) {
		if o.when(x.s.o.Timing).After(now) {
			continue
		}
		for _, body := range o.last {
			out = append(out, x.notify(now, o, wire.Answer{Code: wire.Content, Body: body}))
		}
		if len(o.last) > 0 && !o.urgent {
			o.last = nil // what is left then, if anything, follows after the usual time
			continue
		}
		o.last, o.urgent, o.dirty = nil, false, false
		out = append(out, x.notify(now, o, x.current(o.path)))
	}
	return out
}

// current is what a GET for a path would get.
func (x *exchange) current(p wire.Path) wire.Answer {
	if p.Operation == wire.Mitigate {
		return x.s.get(x.client, p.CUID, p.MID)
	}
	if p.SID != nil && (x.sid == nil || *p.SID != *x.sid) {
		return wire.Answer{Code: wire.NotFound, Text: "this sid is no longer in force"}
	}
	return x.configuration()
}

// notify is one notification; one that is no success ends the observation (RFC 7641 section 4.2).
func (x *exchange) notify(now time.Time, o *observer, a wire.Answer) coap.Message {
	var options []coap.Option
	if a.Code == wire.Content {
		options = append(options, x.counter())
		if a.MaxAge == 0 {
			// It is sent again before it is too old to be used.
			a.MaxAge = uint32(2 * x.s.o.Timing.Refresh / time.Second)
		}
	} else {
		x.observers = slices.DeleteFunc(x.observers, func(other *observer) bool { return other == o })
	}
	request := coap.Message{Type: coap.NonConfirmable, Code: coap.GET, Token: o.token}
	request.SetPath(o.path.Segments())
	m := x.reply(request, a, options...)[0]
	o.sent = now
	o.ids[o.count%keptIDs] = m.ID
	o.count++
	return m
}
