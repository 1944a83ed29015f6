package ui

import "time"

// Time is a time as the contract writes it: RFC 3339 in UTC, with the milliseconds in three digits where there are any.
// So texts are in order where times are, but for those of whole seconds.
type Time struct{ time.Time }

// At is a time that is there.
func At(t time.Time) *Time { return &Time{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes the time. Package time leaves zeros at the end of a fraction out.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.Nanosecond() == 0 {
		return t.Time.MarshalJSON()
	}
	return t.AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`), nil
}
