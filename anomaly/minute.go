package anomaly

import "time"

// Shares are of something: below these there is too little to tell, as one more or less moves a share by a quarter, or
// headers weigh more than what they carry.
const (
	fewAnswers = 4      // answers a minute
	fewBytes   = 10_000 // a minute
)

// turn ends the minute and the hour where a new one began.
func (d *Detector) turn(rec *device, at int64) {
	n := &rec.now
	if minute := at / minuteLong; minute != n.minute {
		if n.moved {
			rec.endMinute()
		}
		n.sent10[uint64(minute)%uint64(len(n.sent10))] = 0
		if minute-n.minute > int64(len(n.sent10)) {
			n.sent10 = [10]uint64{}
		}
		n.minute, n.moved = minute, false
	}
	if hour := at / hourLong; hour != n.hour {
		if n.active > 0 {
			d.detectCharacter(rec, at)
			rec.endHour(d.slot(time.Unix(0, at-hourLong)))
		}
		rec.past.parties.total = d.acquainted(rec)
		n.hour, n.active, n.knew = hour, 0, rec.past.parties.total
		n.hourSum, n.hourMost = [2]uint64{}, [2]uint64{}
	}
}

// endMinute takes the minute into the baselines.
func (rec *device) endMinute() {
	n := &rec.now
	s := &n.sum
	s[metricDestinations] = uint64(n.destinations.count())
	answers := s[metricNXDomain]
	for m := range metrics {
		switch {
		case m == metricNXDomain && answers < fewAnswers, m == metricBalance && s[metricUp]+s[metricDown] < fewBytes:
		case m == metricNXDomain:
			rec.past.base[m].add(100 * n.nxdomain / answers)
		case m == metricBalance:
			rec.past.base[m].add(100 * s[metricUp] / (s[metricUp] + s[metricDown]))
		default:
			rec.past.base[m].add(s[m])
		}
	}
	rec.past.most10 = max(rec.past.most10, rec.sent10())
	for i, m := range []metric{metricUp, metricDown} {
		n.hourSum[i] += s[m]
		n.hourMost[i] = max(n.hourMost[i], s[m])
	}
	rec.past.active++
	n.active++
	n.sum, n.nxdomain, n.destinations = [metrics]uint64{}, 0, sketch{}
}

// endHour takes the hour into what is usual at this time of the day.
func (rec *device) endHour(slot int) {
	for i := range rec.past.hours {
		rec.past.hours[i].add(slot, rec.now.hourMost[i])
	}
}

// sent10 is what was sent in this minute and the nine before.
func (rec *device) sent10() (sum uint64) {
	n := &rec.now
	n.sent10[uint64(n.minute)%uint64(len(n.sent10))] = n.sum[metricUp]
	for _, v := range n.sent10 {
		sum += v
	}
	return sum
}
