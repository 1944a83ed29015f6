package stream

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// lens answers for device 17.
type lens struct {
	mu   sync.Mutex
	rows []FocusRow
	more int
	err  error
}

func (l *lens) Focus(_ context.Context, device, limit int) ([]FocusRow, int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if device != 17 {
		return nil, 0, l.err
	}
	return l.rows[:min(limit, len(l.rows))], l.more, l.err
}

func (l *lens) Asker(_ context.Context, remote string) int {
	if remote == "pipe" {
		return 17
	}
	return 0
}

func (l *lens) set(more int, rows ...FocusRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows, l.more = rows, more
}

func endpoint(id int, rate int64) FocusRow {
	return FocusRow{
		ID: id, Name: "up.cam.example.net", Owner: 3, Port: 443, TxRate: rate,
		Last: time.Unix(946684800, 0), First: time.Unix(946684700, 0),
	}
}

func TestADeviceInFocusShowsItsEndpoints(t *testing.T) {
	l := &lens{}
	inBubble(t, l, func(b *bench) {
		l.set(2, endpoint(1, 1234), FocusRow{ID: 2, Name: "192.0.2.1", Last: time.Unix(946684790, 0), First: time.Unix(946684790, 0)})
		c := b.connect()
		if got := c.want("hello"); !strings.Contains(got, `"me":17`) {
			t.Errorf("greeted with %s", got)
		}
		c.want("snap")
		c.say(`{"t":"focus","dev":17}`)
		want := `{"t":"focus","dev":17,"seq":0,"rows":[[1,"up.cam.example.net",3,443,1200,0,0,946684700],[2,"192.0.2.1",0,null,0,0,10,946684790]],"more":2}`
		if got := c.want("focus"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		l.set(3, endpoint(1, 50))
		time.Sleep(time.Second)
		b.hub.Publish(View{Now: time.Now()})
		want = `{"t":"fd","dev":17,"seq":0,"rows":[[1,"up.cam.example.net",3,443,50,0,1,946684700]],"gone":[2],"more":3}`
		if got := c.want("fd"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		c.say(`{"t":"focus","dev":18}`)
		if got := c.want("focus"); got != `{"t":"focus","dev":18,"seq":0,"rows":[],"more":0}` {
			t.Errorf("a device that is not known: %s", got)
		}
		c.say(`{"t":"focus","dev":null}`)
		l.set(0)
		b.publish(cam("cam"))
		c.want("d")
		b.publish(cam("camera"))
		c.want("d")
	})
}

func TestFocusIsAskedForOnceASecondAndToldOnlyNews(t *testing.T) {
	l := &lens{}
	l.set(0, endpoint(1, 10))
	f := focus{device: 17}
	for i, step := range []struct {
		at   time.Duration
		rate int64
		news bool
	}{
		{0, 10, true}, {500 * time.Millisecond, 20, false}, {time.Second, 20, true}, {2 * time.Second, 20, false}, {3 * time.Second, 10, true},
	} {
		l.set(0, endpoint(1, step.rate))
		if _, news := f.frame(t.Context(), l, noon.Add(step.at), 1); news != step.news {
			t.Errorf("step %d: news is %v", i, news)
		}
	}
}

func TestAFocusThatFailsIsAskedForAgain(t *testing.T) {
	l := &lens{err: errors.New("no answer")}
	f := focus{device: 17}
	if _, news := f.frame(t.Context(), l, noon, 1); news {
		t.Error("an error is shown as a device without endpoints")
	}
	l.err = nil
	if got, news := f.frame(t.Context(), l, noon.Add(time.Second), 1); !news || got.T != "focus" {
		t.Errorf("then %+v, %v", got, news)
	}
}

func TestFocusRowsAreBounded(t *testing.T) {
	f := focus{device: 17}
	var rows []FocusRow
	for id := range 1000 {
		rows = append(rows, endpoint(id, 1))
	}
	out, _ := f.frame(t.Context(), everything{rows}, noon, 1)
	if len(out.Rows) != focusRows || len(f.shown) != focusRows {
		t.Errorf("%d rows are sent, %d kept", len(out.Rows), len(f.shown))
	}
}

// everything gives more rows than it was asked for.
type everything struct{ rows []FocusRow }

func (e everything) Focus(context.Context, int, int) ([]FocusRow, int, error) { return e.rows, 0, nil }
func (e everything) Asker(context.Context, string) int                        { return 0 }
