package pcapfile

import (
	"context"
	"time"
)

// maxSilence is the longest that a silence in a file is played.
const maxSilence = time.Second

// pacer waits between packets as long as their times say.
type pacer struct {
	speed float64 // 0 for no waiting

	last time.Time // of the packet before, in the file
	due  time.Time // when that was to be handed on
}

// wait returns when a packet of time at is due, and whether ctx still goes on.
func (p *pacer) wait(ctx context.Context, at time.Time) bool {
	if p.speed <= 0 {
		return ctx.Err() == nil
	}
	now := time.Now()
	if p.last.IsZero() {
		p.last, p.due = at, now
	}
	gap := min(max(at.Sub(p.last), 0), maxSilence)
	p.last = at
	p.due = p.due.Add(time.Duration(float64(gap) / p.speed))
	// Whoever was held up does not have to catch up in one burst with more than a silence's worth.
	if late := now.Add(-maxSilence); p.due.Before(late) {
		p.due = late
	}
	return sleep(ctx, p.due.Sub(now))
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
