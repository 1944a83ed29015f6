package stream

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

func TestWhoDoesNotReadIsDroppedAndDelaysNobody(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		stalled, c := b.connect(), b.connect()
		stalled.want("hello") // the last it reads
		c.want("hello")
		c.want("snap")
		for i := range 20 {
			start := time.Now()
			b.publish(cam(strings.Repeat("x", i)))
			c.want("d")
			if took := time.Since(start); took > 250*time.Millisecond {
				t.Fatalf("frame %d took %v", i, took)
			}
			time.Sleep(250 * time.Millisecond)
		}
		time.Sleep(writeTimeout)
		synctest.Wait()
		if b.hub.Watching() != 1 {
			t.Error("who does not read keeps its place")
		}
	})
}

func TestAPeerThatIsGoneIsNoticed(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		c.conn.SetPingHandler(func(string) error { return nil }) // it reads, but answers no ping
		start := time.Now()
		for {
			if _, _, err := c.conn.ReadMessage(); err != nil {
				break
			}
		}
		if took := time.Since(start); took < readTimeout || took > readTimeout+pingEvery {
			t.Errorf("closed after %v", took)
		}
	})
}

func TestAPeerThatAnswersPingsStays(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		go func() {
			for {
				if _, _, err := c.conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
		time.Sleep(10 * time.Minute)
		if b.hub.Watching() != 1 {
			t.Error("it was dropped")
		}
		c.conn.Close()
	})
}

func TestWhoBreaksTheRulesIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		kind, times int
		message     string
		code        int
	}{
		"no JSON":           {websocket.TextMessage, 1, "hello", websocket.ClosePolicyViolation},
		"a list":            {websocket.TextMessage, 1, "[]", websocket.ClosePolicyViolation},
		"no kind":           {websocket.TextMessage, 1, "{}", websocket.ClosePolicyViolation},
		"a negative number": {websocket.TextMessage, 1, `{"t":"resume","seq":-1}`, websocket.ClosePolicyViolation},
		"binary":            {websocket.BinaryMessage, 1, `{"t":"view","hz":4}`, websocket.ClosePolicyViolation},
		"too long":          {websocket.TextMessage, 1, `{"t":"` + strings.Repeat("x", maxAsk) + `"}`, websocket.CloseMessageTooBig},
		"a flood":           {websocket.TextMessage, askBurst + 1, `{"t":"later"}`, websocket.ClosePolicyViolation},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(b *bench) {
				peer := b.connect()
				go func() {
					for range c.times {
						// The hub may hang up before the last one.
						_ = peer.conn.WriteMessage(c.kind, []byte(c.message))
					}
				}()
				for {
					_, _, err := peer.conn.ReadMessage()
					if err == nil {
						continue
					}
					if !websocket.IsCloseError(err, c.code) {
						t.Errorf("ended with %v", err)
					}
					break
				}
				peer.conn.Close()
			})
		})
	}
}

func TestMessagesOfLaterVersionsAreLeftAlone(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		c := b.connect()
		c.want("hello")
		c.say(`{"t":"zoom","level":3}`)
		c.want("snap")
	})
}

func TestOnlyOurProtocolIsSpoken(t *testing.T) {
	for name, headers := range map[string]http.Header{
		"no offer":       {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}},
		"another offer":  {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {"mqtt, spinneret.v2"}},
		"no WebSocket":   {"Sec-Websocket-Protocol": {Subprotocol}},
		"an old version": {"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {Subprotocol}, "Sec-Websocket-Version": {"8"}},
	} {
		r := httptest.NewRequest("GET", "http://localhost/api/v1/stream", nil)
		r.Header = headers
		w := httptest.NewRecorder()
		hub := New(Config{})
		hub.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if hub.Watching() != 0 {
			t.Errorf("%s: keeps its place", name)
		}
	}
}

func TestAnotherSitesPageGetsNoStream(t *testing.T) {
	inBubble(t, nil, func(b *bench) {
		d := websocket.Dialer{NetDialContext: b.pipes.Dial, Subprotocols: []string{Subprotocol}}
		_, r, err := d.Dial("ws://localhost/api/v1/stream", http.Header{"Origin": {"http://evil.example"}})
		if err == nil || r.StatusCode != http.StatusForbidden {
			t.Errorf("got %v, %v", r, err)
		}
	})
}

func TestFramesASecondAreBounded(t *testing.T) {
	for hz, want := range map[float64]time.Duration{
		4: 250 * time.Millisecond, 1000: 250 * time.Millisecond, 2: 500 * time.Millisecond, 0.5: 2 * time.Second, 1e-300: 10 * time.Second,
	} {
		if got, ok := interval(hz); !ok || got != want {
			t.Errorf("%v a second is one each %v", hz, got)
		}
	}
	for _, hz := range []float64{0, -1} {
		if _, ok := interval(hz); ok {
			t.Errorf("%v a second is some", hz)
		}
	}
}

// FuzzAsk: whatever a client says, what is taken of it can be acted on.
func FuzzAsk(f *testing.F) {
	for _, seed := range []string{
		`{"t":"resume","epoch":"9f3a","seq":1840}`, `{"t":"view","hz":0.5}`, `{"t":"focus","dev":null}`, `{"t":"focus","dev":17}`, `{"t":1}`, `{"t":"view","hz":1e308}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseAsk(data)
		if err != nil {
			return
		}
		c := newClient(New(Config{Epoch: "9f3a"}))
		c.take(a)
		if every, wants := interval(c.hz); wants && (every < 250*time.Millisecond || every > 10*time.Second) {
			t.Fatalf("%s makes a frame each %v", data, every)
		}
		if _, upTo, err := c.hub.frame(c.seq, c.whole, c.owed); err != nil || upTo != 0 {
			t.Fatalf("%s cannot be answered: %d %v", data, upTo, err)
		}
	})
}
