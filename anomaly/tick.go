package anomaly

import (
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	minuteLong = 60 * second
	hourLong   = 60 * minuteLong
)

// Tick judges what came since the last one, and returns the findings that are new or got worse. devices are those of
// the capture table, as they are now. A clock that was set back begins anew.
func (d *Detector) Tick(now time.Time, devices []capture.Device) []Finding {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := now.UnixNano()
	since := d.since(at)
	slot := d.slot(now)
	for _, rec := range d.order {
		d.turn(rec, at)
	}
	d.measure(since, at, devices)
	for _, rec := range d.order {
		if rec.busy {
			d.judge(rec, at, since, slot)
		}
		rec.endTick()
	}
	d.ledger.settle(at, func(mac packet.MAC) {
		if rec := d.devices[word(mac)]; rec != nil {
			rec.wants = true
		}
	})
	d.judged = max(d.judgedTo(since), at-answerTime-d.late)
	d.last, d.parts = at, 0
	return d.ledger.take()
}

// take hands out what is new.
func (l *ledger) take() []Finding {
	news := l.news
	l.news = nil
	return news
}

// measure adds what the devices moved since the last tick.
func (d *Detector) measure(since, at int64, devices []capture.Device) {
	for i := range devices {
		c := &devices[i]
		last := c.Last.UnixNano()
		rec := d.devices[word(c.MAC)]
		if rec == nil {
			if last <= since {
				continue
			}
			rec = d.of(c.MAC, last)
			d.turn(rec, at)
		}
		grown := rec.count(c)
		if last > since || grown.txPackets+grown.rxPackets > 0 {
			rec.take(grown, last)
		}
	}
}

func (rec *device) take(grown counters, last int64) {
	rec.busy = true
	rec.past.last = max(rec.past.last, last)
	rec.now.moved = true
	rec.now.rxPackets = grown.rxPackets
	s := &rec.now.sum
	s[metricUp] += grown.txBytes
	s[metricDown] += grown.rxBytes
	s[metricPackets] += grown.txPackets + grown.rxPackets
}

// judge asks all detectors.
func (d *Detector) judge(rec *device, at, since int64, slot int) {
	d.detectFlood(rec, at, since)
	d.detectScan(rec, at)
	d.detectSweep(rec, at)
	d.detectBruteforce(rec, at)
	d.detectTelnet(rec, at)
	d.detectTunnel(rec, at)
	d.detectLies(rec, at)
	d.detectPeak(rec, at, slot)
	d.detectExfiltration(rec, at)
}

func (rec *device) endTick() {
	rec.busy, rec.wants = false, false
	rec.flood.endTick()
	rec.now.mostSent, rec.now.rxPackets = 0, 0
}

// slot is the hour of a working day, or of a weekend's.
func (d *Detector) slot(now time.Time) int {
	local := now.In(d.config.Location)
	if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
		return 24 + local.Hour()
	}
	return local.Hour()
}
