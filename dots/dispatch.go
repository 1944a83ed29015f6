package dots

import (
	"errors"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// methods that a resource has (RFC 9132 section 4.2).
var methods = map[wire.Operation][]coap.Code{
	wire.Mitigate: {coap.GET, coap.PUT, coap.DELETE},
	wire.Config:   {coap.GET, coap.PUT, coap.DELETE},
	wire.Hb:       {coap.PUT},
	wire.Redirect: {coap.PUT},
}

// dispatch finds what a request is for, and answers it: the first rows of the decision table.
func (x *exchange) dispatch(now time.Time, m coap.Message) answer {
	path, err := wire.ParsePath(m.Path())
	var bad *wire.Error
	if errors.As(err, &bad) && bad.Code == wire.NotFound {
		return refusal(err)
	}
	if !has(methods[path.Operation], m.Code) {
		return refusal(&wire.Error{Code: wire.MethodNotAllowed, Text: "this resource has no such method"})
	}
	if err != nil {
		return refusal(err)
	}
	if m.Code == coap.PUT && len(m.Payload) > 0 && !isDOTS(m) {
		return refusal(&wire.Error{Code: wire.UnsupportedFormat, Text: "a body is to be application/dots+cbor (271)"})
	}
	switch path.Operation {
	case wire.Mitigate:
		return x.mitigate(now, m, path)
	case wire.Config:
		return x.configure(m, path)
	case wire.Hb:
		return x.heartbeat(now, m)
	}
	return x.redirect(m)
}

func has(list []coap.Code, c coap.Code) bool {
	for _, l := range list {
		if l == c {
			return true
		}
	}
	return false
}

func isDOTS(m coap.Message) bool {
	o, there := m.Option(coap.ContentFormat)
	format, ok := o.Uint()
	return there && ok && format == wire.ContentFormat
}

// refusal is the answer for an error.
func refusal(err error) answer {
	var e *wire.Error
	if !errors.As(err, &e) {
		e = &wire.Error{Code: wire.Internal, Text: "that should not have happened"}
	}
	return answer{Answer: wire.Answer{Code: e.Code, Text: e.Text}}
}

func badRequest(text string) answer { return refusal(&wire.Error{Code: wire.BadRequest, Text: text}) }

// mitigate answers requests about mitigations (RFC 9132 section 4.4).
func (x *exchange) mitigate(now time.Time, m coap.Message, p wire.Path) answer {
	if m.Code == coap.GET {
		return x.observed(now, m, p, x.s.get(x.client, p.CUID, p.MID))
	}
	if p.MID == nil {
		return badRequest("the path has no mid")
	}
	k := wire.Key{Client: x.client, CUID: p.CUID, MID: *p.MID}
	if m.Code == coap.DELETE {
		return answer{Answer: x.s.remove(k)}
	}
	r, err := wire.DecodeRequest(m.Payload)
	if err != nil {
		return refusal(err)
	}
	match, there := m.Option(coap.IfMatch)
	if there && len(match.Value) > 0 {
		return refusal(&wire.Error{Code: wire.PreconditionFailed, Text: "If-Match is to be empty (RFC 9132 section 4.4.3)"})
	}
	return answer{Answer: x.s.put(k, r, there)}
}

// configure answers requests about the session's configuration (RFC 9132 section 4.5).
func (x *exchange) configure(m coap.Message, p wire.Path) answer {
	known := p.SID != nil && x.sid != nil && *p.SID == *x.sid
	switch {
	case m.Code == coap.GET && p.SID != nil && !known:
		return refusal(&wire.Error{Code: wire.NotFound, Text: "this sid was not agreed on"})
	case m.Code == coap.GET:
		return x.observed(x.heard, m, p, x.configuration())
	case m.Code == coap.DELETE:
		if p.SID == nil || known {
			x.settle(wire.Defaults(), nil)
		}
		return answer{Answer: wire.Answer{Code: wire.Deleted}}
	case p.SID == nil:
		return badRequest("the path has no sid")
	case x.sid != nil && *p.SID < *x.sid:
		return badRequest("a higher sid is in force")
	}
	c, err := wire.Negotiate(m.Payload, x.config, x.ranges)
	if err != nil {
		return refusal(err)
	}
	x.settle(c, p.SID)
	if known {
		return answer{Answer: wire.Answer{Code: wire.Changed}}
	}
	return answer{Answer: wire.Answer{Code: wire.Created}}
}

// configMaxAge is how long a configuration may be taken to stand, in seconds; each change is told to who observes it.
const configMaxAge = 24 * 3600

func (x *exchange) configuration() wire.Answer {
	return wire.Answer{Code: wire.Content, Body: wire.EncodeConfig(x.config, x.ranges), MaxAge: configMaxAge}
}

// settle puts a configuration in force.
func (x *exchange) settle(c wire.SessionConfig, sid *uint32) {
	x.config, x.sid = c, sid
	x.nextBeat = x.heard
	for _, o := range x.observers {
		o.urgent = o.urgent || o.path.Operation == wire.Config
	}
}

// heartbeat takes one of the peer's (RFC 9132 section 4.7).
func (x *exchange) heartbeat(now time.Time, m coap.Message) answer {
	if _, err := wire.DecodeHeartbeat(m.Payload); err != nil {
		return refusal(err)
	}
	x.beat = now
	return answer{Answer: wire.Answer{Code: wire.Changed}}
}

// redirect sends us elsewhere (RFC 9066 section 5.2.2).
func (x *exchange) redirect(m coap.Message) answer {
	r, err := wire.DecodeRedirection(m.Payload)
	if err != nil {
		return refusal(err)
	}
	if err := x.alternate(r); err != nil {
		return refusal(err)
	}
	x.moved = &r
	return answer{Answer: wire.Answer{Code: wire.Created}}
}
