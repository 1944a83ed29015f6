package firewall

import "time"

// exceptionsAt picks the exceptions of a quarantine if it is of a level.
func exceptionsAt(level Level) func(Quarantine) []Target {
	return func(q Quarantine) []Target {
		if q.Level != level {
			return nil
		}
		return q.Except
	}
}

// exceptionsOf are the elements for what all quarantines of a level and device except. They stay so until the
// last of them has ended: an exception that only the last one has begins with the Apply after that.
func exceptionsOf(level Level, qs []Quarantine, now time.Time) traffic {
	left := map[[6]byte]device{}
	for _, d := range devicesAt(level, qs, now) {
		left[d.mac] = d
	}
	out := traffic{}
	for k, elements := range trafficOf(current(qs, now), now, exceptionsAt(level)) {
		for _, e := range elements {
			d := left[[6]byte(e.Key)]
			if len(e.owners) < len(d.ids) {
				continue
			}
			e.Timeout, e.owners = d.left, nil
			out[k] = append(out[k], e)
		}
	}
	return out
}
