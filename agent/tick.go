package agent

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
		h.traffic.Observe(now, h.watched(now, h.table.Flows(h.flowsBuf)))
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
	if h.hub.Wanted() {
		h.hub.Publish(h.view(now))
	}
	h.dirty = false
}
