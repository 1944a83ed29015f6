package anomaly

import "spinneret/capture/packet"

// Habit is one thing that is counted for each minute in which a device is active; shares are in percent.
type Habit struct {
	What  string
	Now   uint64 // in the minute that runs
	Usual uint64 // not exceeded in nine minutes of ten, to within a power of two
	Most  uint64 // ever
}

var habitNames = [metrics]string{
	"txBytes", "rxBytes", "packets", "connections", "addresses", "failedConnections", "dnsQuestions", "unknownNamesShare", "txShare",
}

// Habits tells what is known of a device in numbers; false where nothing is.
func (d *Detector) Habits(mac packet.MAC) (k Knowledge, habits []Habit, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rec := d.devices[word(mac)]
	if rec == nil {
		return k, nil, false
	}
	now := rec.now.sum
	now[metricDestinations] = uint64(rec.now.destinations.count())
	now[metricNXDomain] = share(rec.now.nxdomain, rec.now.sum[metricNXDomain])
	now[metricBalance] = share(now[metricUp], now[metricUp]+now[metricDown])
	for m := range metrics {
		b := &rec.past.base[m]
		habits = append(habits, Habit{What: habitNames[m], Now: now[m], Usual: b.quantile(usualQuantile), Most: b.most})
	}
	return d.knows(rec), habits, true
}

// usualQuantile is what counts as usual: what nine active minutes of ten stay within.
const usualQuantile = 0.9

// share is a part of a whole in percent, 0 of nothing.
func share(part, whole uint64) uint64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
