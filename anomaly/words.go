package anomaly

import (
	"time"

	"spinneret/capture/say"
)

// normal says what the device does otherwise, as far as that is known.
func (d *Detector) normal(rec *device, m metric) say.Phrase {
	if k := d.knows(rec); k.Learning {
		return say.New("normal.learning", k.Words())
	}
	if rec.past.base[m].total == 0 {
		return say.New("normal.unknown")
	}
	usual := rec.past.base[m].quantile(usualQuantile)
	if m == metricUp || m == metricDown {
		return say.New("normal", say.Bytes(usual))
	}
	return say.New("normal.contacts", usual)
}

// durationOf is a number of seconds as a span of time.
func durationOf(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// distinct is how many different things were counted.
func (t *tries) distinct() any { return atMost(t.different.count()) }

// atMost is what a sketch counted: it tells no more than so many apart.
func atMost(n int) any {
	if n >= sketchSure {
		return say.New("more.than", sketchSure)
	}
	return n
}
