package stream

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/ui"
)

func TestABrowserIsGreetedAndShownTheHome(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		b.publish(cam("cam"))
		c := b.connect()
		if got := c.want("hello"); got != `{"t":"hello","v":1,"epoch":"9f3a","seq":1,"now":946684800,"hz":4,"me":null}` {
			t.Errorf("greeted with %s", got)
		}
		start := time.Now()
		if got := c.want("snap"); !strings.Contains(got, `"devices":[{"id":17,"mac":"02:00:00:00:00:01","name":"cam"`) {
			t.Errorf("shown %s", got)
		}
		if took := time.Since(start); took > 250*time.Millisecond {
			t.Errorf("the home was shown after %v", took)
		}
	})
}

func TestNewsComeWithinAQuarterSecond(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		c.want("hello")
		c.want("snap")
		for i, tell := range []func(){
			func() { b.publish(cam("cam")) },
			func() { b.hub.Event(ui.Event{ID: 7}) },
			func() { b.publish(cam("camera")) },
		} {
			start := time.Now()
			tell()
			c.want("d")
			if took := time.Since(start); took > 250*time.Millisecond {
				t.Errorf("news %d took %v", i, took)
			}
		}
	})
}

func TestFramesComeFourTimesASecondAtMost(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		c.want("hello")
		c.want("snap")
		go func() {
			for id := range int64(100) {
				b.hub.Event(ui.Event{ID: id})
				time.Sleep(20 * time.Millisecond)
			}
		}()
		start, frames, last := time.Now(), 0, ""
		for !strings.Contains(last, `"id":99,`) {
			last = c.want("d")
			frames++
		}
		if most := 1 + int(time.Since(start)/(250*time.Millisecond)); frames > most || frames < 5 {
			t.Errorf("%d frames in %v", frames, time.Since(start))
		}
	})
}

func TestABrowserResumesWhereItWas(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		b.publish(cam("cam"))
		b.publish(cam("camera"))
		for ask, want := range map[string]string{
			`{"t":"resume","epoch":"9f3a","seq":1}`: `"dev":[{"id":17,"name":"camera"}]`,
			`{"t":"resume","epoch":"9f3a","seq":2}`: `"seq":2,"now":946684800,"r":[],"p":[],"dev":[]`,
			`{"t":"resume","epoch":"9f3a","seq":3}`: `{"t":"snap"`,
			`{"t":"resume","epoch":"0000","seq":1}`: `{"t":"snap"`,
			`{"t":"resume","epoch":"","seq":0}`:     `{"t":"snap"`,
		} {
			c := b.connect()
			c.want("hello")
			start := time.Now()
			c.say(ask)
			if got := c.next(); !strings.Contains(got, want) {
				t.Errorf("%s got %s, want %s", ask, got, want)
			}
			if time.Since(start) != 0 {
				t.Errorf("%s waited %v", ask, time.Since(start))
			}
			c.conn.Close()
		}
	})
}

func TestAnEventThatIsTakenBackIsShownToNobody(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		b.publish(cam("cam"))
		b.hub.Event(ui.Event{ID: 1, Text: "stays"})
		b.hub.Event(ui.Event{ID: 2, Text: "goes"})
		c := b.connect()
		c.want("hello")
		c.want("snap")
		b.hub.Event(ui.Event{ID: 3, Text: "goes too"})
		b.hub.Retract([]int64{2, 3})
		if got := c.want("snap"); strings.Contains(got, "goes") || !strings.Contains(got, "stays") {
			t.Errorf("who was told of it is shown %s", got)
		}
	})
}

func TestAHiddenTabHearsNothingUntilItIsSeen(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c, hidden := b.connect(), b.connect()
		for _, c := range []*browser{c, hidden} {
			c.want("hello")
			c.want("snap")
		}
		hidden.say(`{"t":"view","hz":0}`)
		synctest.Wait()
		b.publish(cam("cam"))
		c.want("d")
		c.say(`{"t":"view","hz":0}`)
		hidden.say(`{"t":"view","hz":2}`)
		if got := hidden.want("d"); !strings.Contains(got, `"name":"cam"`) {
			t.Errorf("seen again: %s", got)
		}
		b.publish(cam("camera"))
		c.silent(30 * time.Second)
	})
}

func TestAQuietHomeIsNotADeadLink(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		c.want("hello")
		c.want("snap")
		publishing, cancel := context.WithCancel(b.Context())
		defer cancel()
		go func() {
			for publishing.Err() == nil {
				b.hub.Publish(View{Now: time.Now()})
				time.Sleep(time.Second)
			}
		}()
		start := time.Now()
		c.want("d")
		if took := time.Since(start); took < 4*time.Second || took > 7*time.Second {
			t.Errorf("a sign of life came after %v", took)
		}
	})
}

func TestTheEndIsSaid(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c, stalled := b.connect(), b.connect()
		c.want("hello")
		c.want("snap")
		stalled.want("hello") // and never reads again: its snapshot hangs
		b.publish(cam("cam"))
		time.Sleep(time.Second)
		start := time.Now()
		go b.stop()
		c.want("d")
		if got := c.next(); got != `{"t":"bye","why":"restart"}` {
			t.Errorf("the last word is %s", got)
		}
		if _, _, err := c.conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
			t.Errorf("closed with %v", err)
		}
		b.stop()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("Run ended after %v", took)
		}
		if _, r, err := b.dial(); err == nil || r.StatusCode != http.StatusServiceUnavailable {
			t.Error("a browser was let in after the end")
		}
	})
}

func TestTheNinthBrowserIsToldToWait(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		var open []*browser
		for range MaxClients {
			open = append(open, b.connect())
		}
		_, r, err := b.dial()
		if err == nil || r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Fatalf("the ninth got %v, %v", r, err)
		}
		if b.hub.Watching() != MaxClients {
			t.Errorf("%d are watching", b.hub.Watching())
		}
		open[3].conn.Close()
		synctest.Wait()
		b.connect().want("hello")
	})
}

func TestThePublisherWaitsForNoBrowser(t *testing.T) {
	h := New(Config{})
	h.writing.Lock() // as while a whole home is written for one
	defer h.writing.Unlock()
	doneC := make(chan struct{})
	go func() {
		h.Wanted()
		h.Publish(cam("cam"))
		h.Event(ui.Event{ID: 1})
		close(doneC)
	}()
	select {
	case <-doneC:
	case <-time.After(20 * time.Second):
		t.Error("it waits")
	}
}

// asked is a home that publishes itself to who comes.
type asked struct{ show func() }

func (a *asked) Focus(context.Context, int, int) ([]FocusRow, int, error) { return nil, 0, nil }

func (a *asked) Asker(context.Context, string) int { a.show(); return 0 }

func TestWhatNobodyLooksAtIsForgottenAndMadeAnewForWhoComes(t *testing.T) {
	home := &asked{}
	inBubble(t, home, func(b *bench) {
		name := "cam"
		home.show = func() {
			v := cam(name)
			v.Now = time.Now()
			b.hub.Publish(v)
		}
		if b.hub.Wanted() {
			t.Error("wanted before anybody came")
		}
		c := b.connect()
		c.want("hello")
		if got := c.want("snap"); !strings.Contains(got, `"name":"cam"`) {
			t.Errorf("the first is shown %s", got)
		}
		c.conn.Close()
		synctest.Wait()
		if time.Sleep(graveAge - time.Second); !b.hub.Wanted() {
			t.Error("not wanted by who may come back")
		}
		if time.Sleep(2 * time.Second); b.hub.Wanted() || len(b.hub.state.devices.items) > 0 {
			t.Error("what nobody looks at is kept")
		}
		name = "camera"
		c = b.connect()
		c.want("hello")
		c.say(`{"t":"resume","epoch":"9f3a","seq":1}`)
		if got := c.want("snap"); !strings.Contains(got, `"name":"camera"`) {
			t.Errorf("who comes back late is shown %s", got)
		}
	})
}
