package stream

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"spinneret/ui"
)

// Config is what a Hub needs.
type Config struct {
	Focuser Focuser // nil: no focus, and nobody is told who he is
	Epoch   string  // names this run of the program; empty: one is made
	Now     func() time.Time
	Log     *slog.Logger
}

// Hub keeps browsers up to date. It is an http.Handler for GET /api/v1/stream.
//
// Nothing queues for a browser: each has the number of the last change that it got, and is sent what changed
// since when its turn comes and its connection takes it. So a slow one costs nothing but its place.
type Hub struct {
	config  Config
	stopped context.Context // ends when Run ends
	stop    context.CancelFunc
	running sync.WaitGroup // the clients
	refused atomic.Uint64  // clients

	writing sync.Mutex // held while a frame is written down, so that the next client finds it; before mu
	cache   cachedDelta
	relief  relief

	mu      sync.Mutex // never held for long: the publisher waits for it
	state   *state
	clients map[*client]bool
	leftAt  time.Time // when the last client went
	closed  bool
}

// cachedDelta is the last that was written: clients that keep up all get the same bytes.
type cachedDelta struct {
	from, to uint64
	now      int64
	data     []byte
}

// New makes a hub; Run moves it.
func New(c Config) *Hub {
	if c.Epoch == "" {
		c.Epoch = rand.Text()[:8]
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h := &Hub{config: c, state: newState(), clients: map[*client]bool{}}
	h.stopped, h.stop = context.WithCancel(context.Background())
	return h
}

// Wanted reports whether anybody is there to whom Publish would show something, or may come back to where he was.
// Where nobody is, the hub forgets what the home was like: who comes then is to be shown it anew. Who comes is
// counted before the Focuser is asked about him, and is sent nothing before it has answered.
func (h *Hub) Wanted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) > 0 || !h.leftAt.IsZero() && time.Since(h.leftAt) < graveAge {
		return true
	}
	h.leftAt = time.Time{}
	h.state.forget()
	return false
}

// Publish takes in the home as it is now. It waits for no browser.
func (h *Hub) Publish(v View) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.apply(v)
	h.wakeLocked()
}

// Event takes in one event; each is sent once to every browser. It waits for none.
func (h *Hub) Event(e ui.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.add(e)
	h.wakeLocked()
}

// Retract takes events back, by their IDs: who was told of them is shown anew what there is.
func (h *Hub) Retract(ids []int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.retract(ids)
	h.wakeLocked()
}

func (h *Hub) wakeLocked() {
	for c := range h.clients {
		c.wake()
	}
}

// Watching counts the browsers that are connected, hidden tabs included.
func (h *Hub) Watching() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// Run waits until ctx ends, then says goodbye to the browsers and waits for them to be gone, about a second at most.
// It returns nil. A hub runs once.
func (h *Hub) Run(ctx context.Context) error {
	<-ctx.Done()
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.stop()
	h.running.Wait()
	return nil
}

// enter takes one of the places; false where all are taken or the hub has ended.
func (h *Hub) enter(c *client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.clients) >= MaxClients {
		return false
	}
	h.clients[c] = true
	h.running.Add(1)
	return true
}

func (h *Hub) leave(c *client) {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	h.leftAt = time.Now()
	if len(h.clients) == 0 {
		h.cache = cachedDelta{}
	}
	h.running.Done()
}

// hello is the first frame.
func (h *Hub) hello(me int) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := helloFrame{T: "hello", V: 1, Epoch: h.config.Epoch, Seq: h.state.seq, Now: h.config.Now().Unix(), Hz: maxHz}
	if me != 0 {
		f.Me = &me
	}
	return marshal(f)
}

// frame is what a client with all up to seq needs, and the number that it then has all up to. Data is nil where
// nothing changed; with always it is told even that.
func (h *Hub) frame(seq uint64, whole, always bool) (data []byte, upTo uint64, err error) {
	h.writing.Lock()
	defer h.writing.Unlock()
	n, delta := h.news(seq, whole, always)
	switch {
	case n == nil:
		return delta.data, delta.to, nil
	case n.whole:
		data, err = n.snap()
		return data, n.seq, err
	}
	if delta.data, err = n.delta(); err == nil {
		h.cache = delta
	}
	return delta.data, n.seq, err
}

// news is what has to be written for a frame; nil where there is a delta that has all that it needs.
func (h *Hub) news(seq uint64, whole, always bool) (*news, cachedDelta) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.config.Now()
	if whole || !h.state.tells(seq) {
		n := h.state.since(0, now)
		n.whole = true
		return n, cachedDelta{}
	}
	d := cachedDelta{from: seq, to: h.state.seq, now: now.Unix()}
	if seq == d.to && !always {
		return nil, d
	}
	if c := h.cache; c.data != nil && c.from == seq && c.to == d.to && c.now == d.now {
		return nil, c
	}
	return h.state.since(seq, now), d
}
