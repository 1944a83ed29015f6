package stream

import (
	"encoding/json"
	"errors"
	"time"
)

// ask is a message from a client.
type ask struct {
	T     string  `json:"t"`
	Epoch string  `json:"epoch"` // resume
	Seq   uint64  `json:"seq"`   // resume
	Hz    float64 `json:"hz"`    // view
	Dev   *int    `json:"dev"`   // focus; null looks away
}

// parseAsk reads one message. Messages of a kind that is not known yet are taken, and later left alone.
func parseAsk(data []byte) (ask, error) {
	var a ask
	if err := json.Unmarshal(data, &a); err != nil || a.T == "" {
		return ask{}, errors.New("not a message of spinneret.v1")
	}
	return a, nil
}

// interval is the least time between two frames; false where a client wants none, as a hidden tab.
func interval(hz float64) (time.Duration, bool) {
	if hz <= 0 {
		return 0, false
	}
	return time.Duration(float64(time.Second) / min(max(hz, minHz), maxHz)), true
}

// Frames a second that a client can choose from, beside none.
const (
	maxHz = 4
	minHz = 0.1
)

// A page sends a message when a person does something. More than askBurst at once, or askEvery on the average, is
// no person.
const (
	askBurst = 40
	askEvery = 100 * time.Millisecond
)

// budget counts messages against the limit: a bucket that holds askBurst and fills by one each askEvery.
type budget struct{ fullAt time.Time }

func (b *budget) spend(now time.Time) bool {
	if b.fullAt.Before(now) {
		b.fullAt = now
	}
	b.fullAt = b.fullAt.Add(askEvery)
	return b.fullAt.Sub(now) <= askBurst*askEvery
}
