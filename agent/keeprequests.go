package agent

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/say"
	"spinneret/dots/wire"
)

const requestFile = "requests"

// savedRequests is what survives a reboot of what providers asked for. What is stopped for it is in savedQuarantines.
type savedRequests struct {
	List   []decide.Request
	Meant  []decide.Meant
	LastID int
	At     time.Time // when this was
	Unsure bool      // by a clock that was not set

	erasures int // of devices when it was made, see Erase
}

// keepRequests has the requests written down, and lets sessions know what the owner called legitimate.
func (h *home) keepRequests() {
	meant := append([]decide.Meant(nil), h.requests.Meant...)
	h.petitions.meant.Store(&meant)
	h.dirty = true
	if h.keeper == nil {
		return
	}
	s := savedRequests{Meant: meant, LastID: h.requests.LastID, At: h.now(), Unsure: !h.clockSet, erasures: h.erasures}
	for _, r := range h.requests.List {
		s.List = append(s.List, *r)
	}
	h.requestsKept = h.now()
	h.keeper.requestC.put(s)
}

// keepOtherTimes has what is known of requests written down once the clock says otherwise.
func (h *home) keepOtherTimes() {
	if len(h.requests.List) > 0 {
		h.keepRequests()
	}
}

// keepDrops writes the counts of what was dropped down, now and then.
func (h *home) keepDrops(now time.Time) {
	if now.Sub(h.requestsKept) >= savePause && h.requests.AnyActive() {
		h.keepRequests()
	}
}

// lastDrops writes the counts down before the program ends: the kernel's begin anew.
func (h *home) lastDrops() {
	if h.requests.AnyActive() {
		h.keepRequests()
	}
}

// adoptRequests takes over what an earlier run was asked for, behind the orders that it gave.
func (h *home) adoptRequests(dir state.Dir) {
	var saved savedRequests
	_, err := dir.Load(requestFile, &saved)
	if err != nil {
		h.log.Error("read the saved requests", "err", err)
		h.event(events.Event{Kind: events.Request, Severity: events.Warning, Text: say.Plain(err.Error())})
	}
	h.requests.LastID, h.requests.Meant = saved.LastID, saved.Meant
	for i := range saved.List {
		h.requests.List = append(h.requests.List, &saved.List[i])
	}
	if saved.Unsure {
		h.requests.Unsure(saved.At, h.now(), wire.DefaultLimits().Lifetime)
	}
	for _, o := range h.book.All() {
		n, _ := strconv.Atoi(strings.TrimPrefix(o.Request, "r")) // 0 where it is none
		h.requests.LastID = max(h.requests.LastID, n)
	}
	for _, r := range h.requests.List {
		h.resume(r)
	}
	meant := append([]decide.Meant(nil), h.requests.Meant...)
	h.petitions.meant.Store(&meant)
	if err != nil {
		h.keepRequests() // else each later start finds the same
	}
}

// resume puts a request to what is in force. One whose orders are gone was ended by the owner while no agent ran.
func (h *home) resume(r *decide.Request) {
	orders := h.book.For(r.ID)
	switch {
	case r.Over():
	case len(orders) > 0:
		r.State, r.Held, r.Looking = decide.Active, true, false
		r.Acted = cmp.Or(r.Acted, orders[0].Since)
	case r.State == decide.Active:
		r.State = decide.Released
	}
}
