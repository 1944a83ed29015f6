package isp

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"spinneret/dots/coap"
	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// answer notes what a home said to a request for mitigation (RFC 9132 section 4.4.1.3), and reports whether it took it.
func answer(r *store.Request, m coap.Message, now time.Time) bool {
	report := first(m)
	switch wire.Code(m.Code) {
	case wire.Created, wire.Changed:
		r.Why = ""
		if report.Lifetime != nil && *report.Lifetime > 0 {
			if granted := time.Duration(*report.Lifetime) * time.Second; granted < r.Lifetime {
				r.Lifetime, r.Ends = granted, now.Add(granted)
			}
		}
		if report.Status == 0 && r.Status == 0 { // one that is asked for again stands as it did
			report.Status = wire.InProgress
		}
		settle(r, report, now)
		return true
	case wire.Conflicted:
		r.State, r.Why = store.Refused, reason(report.Conflict)
	default:
		r.State, r.Why = store.Refused, said(m)
	}
	return false
}

// status notes what a notification says, and reports whether that is news.
func status(r *store.Request, m coap.Message, now time.Time) bool {
	if r.State.Over() {
		return false
	}
	before := *r
	switch wire.Code(m.Code) {
	case wire.Content:
		settle(r, first(m), now)
	case wire.NotFound:
		gone(r, now)
	default:
		r.Why = said(m)
	}
	return r.State != before.State || r.Status != before.Status || r.Why != before.Why || r.Drops != before.Drops
}

// settle takes over a status (RFC 9132 section 8.1).
func settle(r *store.Request, report wire.Report, now time.Time) {
	if report.Drops != nil {
		r.Drops = *report.Drops
	}
	if report.Status != 0 {
		r.Status = report.Status
	}
	if c := report.Conflict; c != nil && c.Cause == wire.LegitimateTraffic {
		r.State, r.Why = store.Refused, reason(c)
		return
	}
	switch report.Status {
	case wire.InProgress:
		r.State = store.Sent
	case wire.Mitigated, wire.Stopped:
		r.State, r.Why = store.Active, ""
	case wire.Exceeded:
		r.State, r.Why = store.Sent, "the home cannot stop it"
	case wire.Withdrawn:
		r.State = store.Withdrawn
	case wire.Terminated:
		gone(r, now)
	case wire.ServerEnded:
		r.State, r.Why = store.Refused, "the home's owner ended it"
	}
}

// gone is for a request that the home no longer has.
func gone(r *store.Request, now time.Time) {
	const slack = 5 * time.Second // between the home's clock and ours
	switch {
	case r.Takeback:
		r.State = store.Withdrawn
	case !now.Before(r.Ends.Add(-slack)):
		r.State = store.Expired
	default:
		r.State, r.Why = store.Refused, "the home no longer has it"
	}
}

// takenBack notes the answer to a withdrawal, and reports whether that is news.
func takenBack(r *store.Request, m coap.Message) bool {
	if r.State.Over() {
		return false
	}
	if c := wire.Code(m.Code); c != wire.Deleted && c != wire.NotFound {
		r.Why = "the withdrawal was refused: " + said(m)
		return true
	}
	r.State, r.Why = store.Withdrawn, ""
	return true
}

// first is the report on the one request that a message is about; empty where there is none.
func first(m coap.Message) wire.Report {
	reports, err := wire.DecodeReports(m.Payload)
	if err != nil || len(reports) == 0 {
		return wire.Report{}
	}
	return reports[0]
}

// reason puts a conflict into words.
func reason(c *wire.Conflict) string {
	if c == nil {
		return "it is in conflict with another request"
	}
	switch c.Cause {
	case wire.OverlappingTargets:
		if c.MID != nil {
			return fmt.Sprintf("a later request of ours to this home, mid %d, is about the same traffic: withdraw that first", *c.MID)
		}
		return "another request is about the same traffic"
	case wire.AcceptList:
		return "the home is set to let this traffic through"
	case wire.CUIDCollision:
		return "another client of the home goes by our identifier"
	case wire.LegitimateTraffic:
		return "the home's owner says that this traffic is meant"
	}
	return fmt.Sprintf("conflict %d", c.Cause)
}

// said is an answer with its diagnostic text.
func said(m coap.Message) string {
	return strings.TrimSpace("the home says " + wire.Code(m.Code).String() + " " + clip(m.Payload))
}

// maxSaid bounds a text of the home, in bytes.
const maxSaid = 200

// clip makes a text of the home fit to be shown: without what steers a terminal or turns the direction of writing.
func clip(payload []byte) string {
	if !utf8.Valid(payload) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(payload[:min(len(payload), maxSaid)]))
}
