package stream

import (
	"context"
	"time"
)

// Focus: how many endpoints a client is shown, how often they are asked for, and how long that may take.
const (
	focusRows    = 200
	focusEvery   = time.Second
	focusTimeout = time.Second
)

// focusRow is [endpoint, name or address, owner, port, txRate, rxRate, seconds since last, first]; port is null
// where the endpoint has none.
type focusRow [8]any

type focusFrame struct {
	T    string     `json:"t"` // focus: all rows; fd: rows that changed, and the ids of those gone
	Dev  int        `json:"dev"`
	Seq  uint64     `json:"seq"`
	Rows []focusRow `json:"rows"`
	Gone []int      `json:"gone,omitempty"`
	More int        `json:"more"`
}

// focus is what one client was shown of the device that it looks at.
type focus struct {
	device int // 0: none
	shown  map[int]FocusRow
	more   int
	askAt  time.Time // not before
}

// look turns to another device, or away with 0.
func (f *focus) look(device int) { *f = focus{device: device} }

// frame asks for the rows and says what is new about them; false where nothing is, or no answer came in time.
func (f *focus) frame(ctx context.Context, from Focuser, now time.Time, seq uint64) (focusFrame, bool) {
	if f.device == 0 || from == nil || now.Before(f.askAt) {
		return focusFrame{}, false
	}
	f.askAt = now.Add(focusEvery)
	ctx, cancel := context.WithTimeout(ctx, focusTimeout)
	defer cancel()
	rows, more, err := from.Focus(ctx, f.device, focusRows)
	if err != nil {
		return focusFrame{}, false // asked again in a second
	}
	return f.show(rows[:min(len(rows), focusRows)], more, now, seq)
}

func (f *focus) show(rows []FocusRow, more int, now time.Time, seq uint64) (focusFrame, bool) {
	first := f.shown == nil
	out := focusFrame{T: "fd", Dev: f.device, Seq: seq, Rows: []focusRow{}, More: more}
	if first {
		out.T = "focus"
	}
	shown := make(map[int]FocusRow, len(rows))
	for _, row := range rows {
		row.TxRate, row.RxRate = round(row.TxRate), round(row.RxRate)
		row.Last = row.Last.Truncate(time.Second)
		shown[row.ID] = row
		if was, ok := f.shown[row.ID]; !ok || !row.equal(was) {
			out.Rows = append(out.Rows, row.wire(now))
		}
	}
	for id := range f.shown {
		if _, ok := shown[id]; !ok {
			out.Gone = append(out.Gone, id)
		}
	}
	news := first || len(out.Rows)+len(out.Gone) > 0 || more != f.more
	f.shown, f.more = shown, more
	return out, news
}

func (r FocusRow) equal(o FocusRow) bool {
	same := r.Last.Equal(o.Last) && r.First.Equal(o.First)
	r.Last, r.First = o.Last, o.First
	return same && r == o
}

func (r FocusRow) wire(now time.Time) focusRow {
	var port *uint16
	if r.Port != 0 {
		port = &r.Port
	}
	return focusRow{r.ID, r.Name, r.Owner, port, r.TxRate, r.RxRate, max(0, int64(now.Sub(r.Last)/time.Second)), r.First.Unix()}
}
