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
	config Config
	view   atomic.Pointer[View] // the newest that Run did not take yet
	spare  atomic.Pointer[View] // that was taken in
	newsC  chan struct{}

	waitingMu sync.Mutex
	waiting   []ui.Event // that Run did not take yet

	stopped context.Context // ends when Run ends
	stop    context.CancelFunc
	running sync.WaitGroup // the clients
	refused atomic.Uint64  // clients
	relief  relief

	mu      sync.Mutex
	state   *state
	clients map[*client]bool
	leftAt  time.Time // when the last client went
	closed  bool
	cache   cachedDelta
}

// cachedDelta is the last delta that was made: clients that keep up all get the same bytes.
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
	h := &Hub{config: c, newsC: make(chan struct{}, 1), state: newState(), clients: map[*client]bool{}}
	h.stopped, h.stop = context.WithCancel(context.Background())
	return h
}

// Wanted reports whether anybody is there to whom Publish would show something, or may come back to where he was.
// Where nobody is, the hub forgets what the home was like: who comes then is to be shown it anew. Who comes is
// counted before the Focuser is asked about him, and is sent nothing before it has answered. It waits for no browser:
// while a whole home is written for one, somebody is there.
func (h *Hub) Wanted() bool {
	if !h.mu.TryLock() {
		return true
	}
	defer h.mu.Unlock()
	if len(h.clients) > 0 || !h.leftAt.IsZero() && time.Since(h.leftAt) < graveAge {
		return true
	}
	h.leftAt, h.cache = time.Time{}, cachedDelta{}
	h.spare.Store(nil)
	h.state.forget()
	return false
}

// Spare returns an empty view to fill and publish, with the room of an earlier one.
func (h *Hub) Spare() *View {
	v := h.spare.Swap(nil)
	if v == nil {
		return new(View)
	}
	clear(v.Devices) // its texts
	*v = View{Devices: v.Devices[:0], Owners: v.Owners[:0], Pairs: v.Pairs[:0]}
	return v
}

// Publish hands over the home as it is now. It never waits: a view that was not sent yet is replaced. The hub
// keeps v and its slices, so they must not be changed any more.
func (h *Hub) Publish(v *View) {
	h.view.Store(v)
	h.tell()
}

// Event hands over one event; each is sent once to every browser. It never waits for a browser.
func (h *Hub) Event(e ui.Event) {
	h.waitingMu.Lock()
	h.waiting = append(h.waiting, e)
	if over := len(h.waiting) - maxEvents; over > 0 {
		h.waiting = append([]ui.Event(nil), h.waiting[over:]...)
	}
	h.waitingMu.Unlock()
	h.tell()
}

// Retract takes events back, by their IDs: who was told of them is shown anew what there is.
func (h *Hub) Retract(ids []int64) {
	h.mu.Lock()
	h.takeLocked()
	h.state.retract(ids)
	h.mu.Unlock()
	h.tell()
}

func (h *Hub) tell() {
	select {
	case h.newsC <- struct{}{}:
	default: // Run was told already and takes all there is
	}
}

// Watching counts the browsers that are connected, hidden tabs included.
func (h *Hub) Watching() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients)
}

// Run takes in what is published until ctx ends, then says goodbye to the browsers and waits for them to be gone,
// about a second at most. It returns nil. A hub runs once.
func (h *Hub) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-h.newsC:
			h.take()
		}
	}
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.stop()
	h.running.Wait()
	return nil
}

// take moves what was published into the state and wakes the clients.
func (h *Hub) take() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.takeLocked()
	for c := range h.clients {
		c.wake()
	}
}

func (h *Hub) takeLocked() {
	h.waitingMu.Lock()
	events := h.waiting
	h.waiting = nil
	h.waitingMu.Unlock()
	if view := h.view.Swap(nil); view != nil {
		h.state.apply(view)
		h.spare.Store(view)
	}
	for _, e := range events {
		h.state.add(e)
	}
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
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	h.leftAt = time.Now()
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
	h.mu.Lock()
	defer h.mu.Unlock()
	h.takeLocked() // what was published before the client came, though Run may not have heard of it yet
	switch {
	case whole || !h.state.tells(seq):
		data, err = h.state.snap(h.config.Now())
	case seq != h.state.seq || always:
		data, err = h.deltaLocked(seq)
	}
	return data, h.state.seq, err
}

func (h *Hub) deltaLocked(seq uint64) ([]byte, error) {
	now := h.config.Now()
	want := cachedDelta{from: seq, to: h.state.seq, now: now.Unix()}
	if c := h.cache; c.data != nil && c.from == want.from && c.to == want.to && c.now == want.now {
		return c.data, nil
	}
	data, err := h.state.delta(seq, now)
	want.data = data
	h.cache = want
	return data, err
}
