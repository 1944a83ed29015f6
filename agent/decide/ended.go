package decide

import (
	"slices"
	"time"

	"spinneret/capture/packet"
)

const (
	// maxEnded orders of the past are remembered, 30 kB of them: a home ends a few a week.
	maxEnded = 256
	// endedFor is how long: as far back as the page looks, and a day more.
	endedFor = 8 * 24 * time.Hour
)

// Span is when a device was held back, and how.
type Span struct {
	MAC          packet.MAC
	Level        string
	Source       Source
	Since, Until time.Time // Until is when it really ended; zero where it is in force
}

func (o Order) span(until time.Time) Span {
	return Span{MAC: o.MAC, Level: o.Level, Source: o.Source, Since: o.Since, Until: until}
}

// Bury remembers those of another book's orders that are not in this one: they ended now, or when their time was over.
// What ended by a clock that was wrong is not remembered.
func (b *Book) Bury(before *Book, now time.Time) {
	for _, o := range before.orders {
		end := now.Round(0)
		if o.Expired(end) {
			end = o.Until
		}
		still := slices.ContainsFunc(b.orders, func(other Order) bool { return other.ID == o.ID })
		if !still && !o.Unsure && end.After(o.Since) {
			b.ended = append(slices.Clip(b.ended), o.span(end))
		}
	}
	b.ended = slices.DeleteFunc(slices.Clone(b.ended), func(s Span) bool { return now.Sub(s.Until) > endedFor })
	b.ended = b.ended[max(0, len(b.ended)-maxEnded):]
}

// Ended lists the spans that are over, as they ended.
func (b *Book) Ended() []Span { return slices.Clone(b.ended) }

// ForgetEnded forgets those of a device.
func (b *Book) ForgetEnded(mac packet.MAC) {
	b.ended = slices.DeleteFunc(slices.Clone(b.ended), func(s Span) bool { return s.MAC == mac })
}

// At lists who was held back at a time, in the order in which that ended, and then what is in force. known is since when
// that is remembered.
func (b *Book) At(t, now time.Time) (spans []Span, known time.Time) {
	known = now.Add(-endedFor)
	if len(b.ended) == maxEnded {
		known = b.ended[0].Until
	}
	for _, s := range b.ended {
		if !t.Before(s.Since) && t.Before(s.Until) {
			spans = append(spans, s)
		}
	}
	for _, o := range b.orders {
		if !t.Before(o.Since) {
			spans = append(spans, o.span(time.Time{}))
		}
	}
	return spans, known
}
