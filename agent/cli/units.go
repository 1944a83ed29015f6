package cli

import (
	"fmt"
	"time"

	"spinneret/ui"
)

// size is an amount in bytes, for people: "81 kB".
func size(bytes uint64) string {
	value, units := float64(bytes), []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for value >= 999.5 && i < len(units)-1 {
		value /= 1000
		i++
	}
	if i > 0 && value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, units[i])
	}
	return fmt.Sprintf("%.0f %s", value, units[i])
}

// rate is bytes per second, for people; nothing is "-", so that what moves stands out.
func rate(bytes int64) string {
	if bytes <= 0 {
		return "-"
	}
	return size(uint64(bytes)) + "/s"
}

// age is how long ago a time was, in one unit.
func age(now time.Time, then *ui.Time) string {
	if then == nil {
		return "-"
	}
	d := max(0, now.Sub(then.Time))
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// clock is a time in the zone of now: the time of day, with the date where it is another day.
func clock(now time.Time, t *ui.Time) string {
	if t == nil {
		return "-"
	}
	local := t.In(now.Location())
	if local.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return local.Format(time.TimeOnly)
	}
	return local.Format(time.DateTime)
}
