package agent

import (
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// usage is since when the kernel counts for the rules of one description, when each was used last, and how many packets
// of those that it counted as not allowed were only too early.
type usage struct {
	since    time.Time
	from, to []time.Time
	early    uint64
}

// count takes what the kernel counted, and notes what was used since it was read before.
func (v *violations) count(now time.Time, counted map[[6]byte]firewall.ProfileCounters) {
	usages := make(map[packet.MAC]usage, len(counted))
	for mac, c := range counted {
		before, known := v.counted[mac]
		u := v.usages[mac]
		if known && (c.RefusedFrom.Packets < before.RefusedFrom.Packets || !grew(before.From, c.From) || !grew(before.To, c.To)) {
			u = usage{}
		}
		if u.since.IsZero() {
			before = firewall.ProfileCounters{From: make([]firewall.Count, len(c.From)), To: make([]firewall.Count, len(c.To))}
			u = usage{now, make([]time.Time, len(c.From)), make([]time.Time, len(c.To)), u.early}
		}
		noteUse(u.from, before.From, c.From, now)
		noteUse(u.to, before.To, c.To, now)
		usages[mac] = u
	}
	v.counted, v.usages = counted, usages
}

// early notes a packet that was counted as not allowed and only came before its name was known.
func (v *violations) early(mac packet.MAC) {
	u := v.usages[mac]
	u.early++
	v.usages[mac] = u
}

// grew reports whether counters can be the same ones later: else they are another policy's.
func grew(before, now []firewall.Count) bool {
	for i := range min(len(before), len(now)) {
		if now[i].Packets < before[i].Packets {
			return false
		}
	}
	return len(before) == len(now)
}

func noteUse(last []time.Time, before, counted []firewall.Count, now time.Time) {
	for i := range counted {
		if counted[i].Packets > before[i].Packets {
			last[i] = now
		}
	}
}

// uses are the lines of a policy with how often the device made use of each.
func (h *home) uses(mac packet.MAC, p mud.Policy) (uses []ui.Use, since *ui.Time) {
	uses = []ui.Use{}
	c, u := h.violations.counted[mac], h.violations.usages[mac]
	if len(c.From) != len(p.From) || len(c.To) != len(p.To) {
		return uses, nil // it is not in force, or not counted yet
	}
	for _, line := range p.Lines() {
		counts, times := c.From, u.from
		if line.Direction == mud.ToDevice {
			counts, times = c.To, u.to
		}
		use, last := ui.Use{Text: line.Text}, time.Time{}
		for _, i := range line.Rules {
			use.Count += counts[i].Packets
			if times[i].After(last) {
				last = times[i]
			}
		}
		use.Last = h.wire(last)
		uses = append(uses, use)
	}
	return uses, h.wire(u.since)
}

// jump moves the times that a clock gave before it was set.
func (v *violations) jump(j capture.Jump) {
	v.book.Jump(j)
	for mac, u := range v.usages {
		u.since = j.Moved(u.since)
		for _, times := range [][]time.Time{u.from, u.to} {
			for i := range times {
				times[i] = j.Moved(times[i])
			}
		}
		v.usages[mac] = u
	}
}
