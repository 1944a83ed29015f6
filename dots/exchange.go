package dots

import (
	"slices"
	"sort"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// exchange is one connection's conversation: what was asked, what was answered, who observes what. It is pure but for
// the server behind it: messages and times come in, messages go out. One goroutine owns it, but for notes.
type exchange struct {
	s         *Server
	client    wire.Client
	datagrams bool
	alternate func(wire.Redirection) *wire.Error // whether we may be sent there, or why not

	config    wire.SessionConfig
	ranges    wire.Ranges
	sid       *uint32
	heard     time.Time // anything
	beat      time.Time // a heartbeat of the peer; zero before the first
	nextBeat  time.Time
	greeted   bool // by the peer's CSM
	leave     bool // the peer ends the stream
	moved     *wire.Redirection
	id        uint16 // of our last message
	sequence  uint32 // of our last notification
	past      replies
	reading   snapshot
	observers []*observer
	budget    bucket
	refusals  bucket

	wakeC chan struct{} // there are notes
	notes []note        // guarded by s.mu
}

func newExchange(s *Server, c wire.Client, datagrams bool, now time.Time) *exchange {
	return &exchange{
		s: s, client: c, datagrams: datagrams, config: wire.Defaults(), ranges: s.o.Ranges, heard: now, nextBeat: now,
		budget: bucket{size: 128, every: 50 * time.Millisecond}, refusals: bucket{size: 10, every: 6 * time.Second},
		wakeC: make(chan struct{}, 1),
	}
}

// handle takes a message and returns what to send for it.
func (x *exchange) handle(now time.Time, m coap.Message) []coap.Message {
	x.heard = now
	switch {
	case !x.datagrams && (m.Code.IsSignal() || !x.greeted):
		return x.signal(m)
	case m.Type == coap.Reset:
		x.reset(m.ID)
		return nil
	case m.Code == coap.Empty && m.Type == coap.Confirmable:
		return []coap.Message{{Type: coap.Reset, ID: m.ID}}
	case !m.Code.IsRequest():
		return x.acknowledge(m)
	case m.Type == coap.Acknowledgment:
		return nil
	}
	if x.datagrams {
		if again, ok := x.past.find(now, m.ID); ok {
			return again
		}
	}
	if !x.budget.take(now) {
		a := wire.Answer{Code: wire.ServiceUnavailable, Text: "too many requests", MaxAge: x.s.o.Limits.RetryAfter}
		x.turnedDown(now, a)
		a.Silent = m.Type == coap.NonConfirmable
		return x.reply(m, a)
	}
	out := x.request(now, m)
	if x.datagrams {
		x.past.keep(now, m.ID, out)
	}
	return out
}

// acknowledge takes an answer to one of our heartbeats, which some peers want to know arrived.
func (x *exchange) acknowledge(m coap.Message) []coap.Message {
	if m.Type == coap.Confirmable && m.Code != coap.Empty && x.datagrams {
		return []coap.Message{{Type: coap.Acknowledgment, ID: m.ID}}
	}
	return nil
}

// signal is about the stream (RFC 8323 section 5). The first message has to be a CSM.
func (x *exchange) signal(m coap.Message) []coap.Message {
	switch {
	case m.Code == coap.CSM && !unknown(m, coap.MaxMessageSize):
		x.greeted = true
	case m.Code == coap.Ping && x.greeted:
		return []coap.Message{{Code: coap.Pong, Token: m.Token}}
	case m.Code == coap.Pong && x.greeted:
	case m.Code == coap.Release || m.Code == coap.Abort:
		x.leave = true
	default:
		x.leave = true
		return []coap.Message{{Code: coap.Abort}}
	}
	return nil
}

// unknown reports whether a message has a critical option that is none of these.
func unknown(m coap.Message, known ...uint16) bool {
	return slices.ContainsFunc(m.Options, func(o coap.Option) bool { return o.Critical() && !slices.Contains(known, o.Number) })
}

// understood are the critical options of requests. Uri-Host and Uri-Port are the peer's idea of us, Uri-Query narrows
// a GET, which a server may leave be (RFC 9132 section 4.4.2).
var understood = []uint16{coap.IfMatch, coap.URIHost, coap.URIPort, coap.URIPath, coap.URIQuery, coap.Accept, coap.Block2}

// request answers a request.
func (x *exchange) request(now time.Time, m coap.Message) []coap.Message {
	if unknown(m, understood...) {
		if m.Type == coap.NonConfirmable && x.datagrams {
			return []coap.Message{{Type: coap.Reset, ID: m.ID}} // RFC 7252 section 5.4.1
		}
		return x.reply(m, wire.Answer{Code: wire.BadOption, Text: "there is a critical option that is not understood here"})
	}
	if o, there := m.Option(coap.Accept); there {
		if format, ok := o.Uint(); !ok || format != wire.ContentFormat {
			return x.reply(m, wire.Answer{Code: wire.NotAcceptable, Text: "there is application/dots+cbor (271) only"})
		}
	}
	a := x.dispatch(now, m)
	if m.Code != coap.GET { // a look for what is not there asks for nothing
		x.turnedDown(now, a.Answer)
	}
	return x.reply(m, a.Answer, a.options...)
}

// turnedDown lets the owner know of a request that was, unless there were many of late.
func (x *exchange) turnedDown(now time.Time, a wire.Answer) {
	if a.Code >= wire.BadRequest && !a.Silent && x.s.o.Refused != nil && x.refusals.take(now) {
		x.s.o.Refused(Refusal{Client: x.client, Code: a.Code, Text: a.Text})
	}
}

// answer is an answer with options that only the message has.
type answer struct {
	wire.Answer
	options []coap.Option
}

// reply is the message for an answer: of the request's own kind, as RFC 9132 section 4.4 wants it.
func (x *exchange) reply(m coap.Message, a wire.Answer, more ...coap.Option) []coap.Message {
	r := coap.Message{Type: coap.NonConfirmable, Code: coap.Code(a.Code), Token: m.Token, Options: more, Payload: a.Body}
	if m.Type == coap.Confirmable && x.datagrams {
		r.Type, r.ID = coap.Acknowledgment, m.ID
	} else {
		r.ID = x.nextID()
	}
	if a.Silent {
		if r.Type == coap.Acknowledgment {
			return []coap.Message{{Type: coap.Acknowledgment, ID: m.ID}}
		}
		return nil
	}
	if a.MaxAge > 0 {
		r.Options = append(r.Options, coap.Number(coap.MaxAge, a.MaxAge))
	}
	if len(a.Body) > 0 {
		r.Options = append(r.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
	} else {
		r.Payload = []byte(a.Text)
	}
	x.block(m, &r)
	sortOptions(r.Options)
	return []coap.Message{r}
}

func sortOptions(list []coap.Option) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Number < list[j].Number })
}

func (x *exchange) nextID() uint16 {
	x.id++
	return x.id
}
