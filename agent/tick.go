package agent

import "time"

// maxUncounted is how long rates wait for a count of what the connections carried; a little more than conntrack's dumps
// are ever apart.
const maxUncounted = 30 * time.Second

// tick takes the counters once a second, and looks for new devices in between.
func (h *home) tick() {
	h.ticks++
	full := h.ticks%fullTick == 0
	h.searchAgain(h.now())
	if !full && !h.dirty {
		return
	}
	now := h.now()
	if full {
		h.checkClock(now)
		h.table.Sweep(now)
		h.observeTraffic(now)
		h.collectFinished()
		h.expire(now)
		h.tellContests()
		h.watchPassing(now)
		h.keepInForce()
		h.rememberOutside(now)
		h.informAll(now)
		h.keepDrops(now)
		h.followParties(now)
		h.judgeBreaches(now)
		h.meetTries(now)
	}
	h.observeDevices(now)
	if full {
		h.alike = h.registry.Alike()
		h.judgeDevices(now)
		h.tendProfiles(now)
	}
	h.watchNewcomers(now)
	h.keepDevices(now)
	h.rememberDoor()
	if h.onShow = h.hub.Wanted(); h.onShow {
		h.hub.Publish(h.view(now))
	}
	h.dirty = false
}

// observeTraffic takes the flows into the rates. With many connections they are counted each few seconds only: rates made
// in between would fall to nothing and leap up again.
func (h *home) observeTraffic(now time.Time) {
	flows := h.watched(now, h.table.Flows(h.flowsBuf))
	if h.uncounted = h.awaitsDump(now); h.uncounted {
		h.traffic.Await(now, flows)
		return
	}
	h.traffic.Observe(now, flows)
}

func (h *home) awaitsDump(now time.Time) bool {
	if h.accountant == nil {
		return false
	}
	dumps := h.accountant.Dumps()
	same := dumps == h.dumps
	h.dumps = dumps
	late := h.accountant.Late(now)
	return same && late > 0 && late < maxUncounted
}
