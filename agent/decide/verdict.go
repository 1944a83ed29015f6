package decide

import (
	"slices"
	"time"

	"spinneret/agent/culprit"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// maxUnasked is how many devices a provider may have held back within an hour without the owner: a provider that
// errs, or is broken into, cannot empty a home.
const (
	maxUnasked = 2
	unaskedFor = time.Hour
)

// The policies of a provider.
const (
	PolicyLog    = "log"
	PolicyAsk    = "ask"
	PolicyFlow   = "flow"
	PolicyDevice = "device"
)

// Rule is what the owner lets a provider do.
type Rule struct {
	Policy     string
	MaxDevices int // at once
}

// Facts are what speaks against cutting a device off unasked.
type Facts struct {
	Contested bool // its MAC was seen at two places
	Several   bool // it may be several devices behind a repeater
	Owner     bool // the owner logged in from it within the last 30 days
}

// Verdict is what to do about a request.
type Verdict struct {
	State RequestState
	Why   say.Phrase // it is not Active
}

// Judge says what to do about a request whose device was looked for.
func (q *Requests) Judge(now time.Time, r *Request, rule Rule, f culprit.Finding, facts func(packet.MAC) Facts) Verdict {
	if len(f.Suspects) == 0 {
		return Verdict{State: Failed, Why: say.New("request.nobody")}
	}
	if rule.Policy == PolicyLog {
		return Verdict{State: Logged, Why: say.New("request.recorded")}
	}
	if why := q.doubt(now, r, rule, f, facts); !why.IsZero() {
		return Verdict{State: Asking, Why: why}
	}
	return Verdict{State: Active}
}

// Level is how much of a device is stopped for the request: no more than the traffic where the owner came from it, or
// where it is one of several that may be meant.
func (r *Request) Level(mac packet.MAC, facts func(packet.MAC) Facts) string {
	if r.Policy == PolicyDevice && len(r.Devices) == 1 && !facts(mac).Owner {
		return "full"
	}
	return "flow"
}

// doubt is why the owner is asked; zero: nobody needs to be.
func (q *Requests) doubt(now time.Time, r *Request, rule Rule, f culprit.Finding, facts func(packet.MAC) Facts) say.Phrase {
	if !f.Doubt.IsZero() {
		return f.Doubt
	}
	mac := f.Suspects[0].MAC
	atOnce, lately := q.held(now, r, mac)
	switch {
	case rule.Policy == PolicyAsk:
		return say.New("ask.policy")
	case facts(mac).Contested:
		return say.New("ask.contested")
	case facts(mac).Several:
		return say.New("ask.several")
	case atOnce > rule.MaxDevices:
		return say.New("ask.held", rule.MaxDevices)
	case q.spared(now, r, mac):
		return say.New("ask.spared")
	case lately > maxUnasked:
		return say.New("ask.lately")
	}
	return say.Phrase{}
}

// spared reports whether the owner let a device go lately: a provider that asks again does not overrule that.
func (q *Requests) spared(now time.Time, r *Request, mac packet.MAC) bool {
	return slices.ContainsFunc(q.List, func(other *Request) bool {
		return other != r && other.Entry.Provider == r.Entry.Provider && !other.Spared.IsZero() &&
			now.Sub(other.Spared) < unaskedFor && slices.Contains(other.Devices, mac)
	})
}

// held counts a provider's devices, with one more: those held back now, and those within the last hour unasked.
func (q *Requests) held(now time.Time, r *Request, mac packet.MAC) (atOnce, lately int) {
	current, recent := []packet.MAC{mac}, []packet.MAC{mac}
	for _, other := range q.List {
		if other == r || other.Entry.Provider != r.Entry.Provider || other.Acted.IsZero() {
			continue
		}
		for _, m := range other.Devices {
			if other.State == Active && !slices.Contains(current, m) {
				current = append(current, m)
			}
			if other.Unasked && now.Sub(other.Acted) < unaskedFor && !slices.Contains(recent, m) {
				recent = append(recent, m)
			}
		}
	}
	return len(current), len(recent)
}
