package anomaly

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// number writes a number with commas: 37,623.
func number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// many writes a number with the noun for it, which takes an s in the plural.
func many(n uint64, noun string) string {
	return plural(n, noun, noun+"s")
}

// amount writes bytes as people say them.
func amount(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if v < 9.95 && i > 0 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// lasting writes a span of time in its largest unit.
func lasting(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", math.Ceil(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// normal says what the device does otherwise, as far as that is known.
func (d *Detector) normal(rec *device, m metric, noun string) string {
	if k := d.knows(rec); k.Learning {
		return "what is normal for it is not known yet (" + k.String() + ")"
	}
	if rec.past.base[m].total == 0 {
		return "what is normal for it is not known yet"
	}
	usual := rec.past.base[m].quantile(usualQuantile)
	if m == metricUp || m == metricDown {
		return "normal is up to " + amount(usual) + " a minute"
	}
	return "normal is up to " + many(usual, noun) + " a minute"
}

// durationOf is a number of seconds as a span of time.
func durationOf(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// distinct writes how many different things were counted; a sketch tells no more than so many apart.
func (t *tries) distinct(one, more string) string {
	n := t.different.count()
	if n >= sketchSure {
		return "more than " + number(sketchSure) + " " + more
	}
	return plural(uint64(n), one, more)
}

// plural writes a number with one of two nouns.
func plural(n uint64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + more
}
