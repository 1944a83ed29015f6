package stream

import (
	"context"
	"errors"
	"time"

	"github.com/gorilla/websocket"
)

// Limits of a connection.
const (
	maxAsk       = 4096 // bytes of a message from a client
	writeTimeout = 5 * time.Second
	pingEvery    = 20 * time.Second
	readTimeout  = 50 * time.Second // two pings may get lost
	byeTimeout   = time.Second
	// silence is the longest a page hears nothing while the agent publishes: it cannot see pings, and would not
	// know a quiet home from a dead link.
	silence = 5 * time.Second
)

// client is one browser. Its fields belong to the goroutine that writes; the one that reads sends asks.
type client struct {
	hub   *Hub
	conn  *websocket.Conn
	askC  chan ask
	wakeC chan struct{}

	seq     uint64  // it has all up to this change
	whole   bool    // it needs a snapshot
	owed    bool    // it asked, and is answered also where nothing changed
	hz      float64 // frames a second
	pending bool    // something may have changed
	turn    time.Time
	spoke   time.Time
	focus   focus
}

// newClient expects a client to speak within one interval: a page that comes back resumes, and needs no snapshot.
func newClient(h *Hub) *client {
	return &client{
		hub: h, askC: make(chan ask), wakeC: make(chan struct{}, 1),
		whole: true, pending: true, hz: maxHz,
	}
}

// wake says that there may be news.
func (c *client) wake() {
	select {
	case c.wakeC <- struct{}{}:
	default:
	}
}

// serve runs the connection until either side, the hub or asked ends it, and closes it.
func (c *client) serve(asked context.Context, conn *websocket.Conn, me int) {
	c.conn = conn
	ctx, cancel := context.WithCancel(asked)
	defer cancel()
	unlink := context.AfterFunc(c.hub.stopped, cancel)
	defer unlink()
	// A write that hangs must not keep the program from ending.
	release := context.AfterFunc(ctx, func() { _ = conn.NetConn().SetWriteDeadline(time.Now().Add(byeTimeout)) })
	defer release()
	wroteC := make(chan error, 1)
	go func() {
		wroteC <- c.write(ctx, me)
		conn.Close() // ends the reading too
	}()
	readErr := c.read(ctx)
	cancel()
	writeErr := <-wroteC
	c.hub.config.Log.Debug("stream ended", "read", readErr, "write", writeErr)
}

// read passes on what the client asks until the connection or ctx ends.
func (c *client) read(ctx context.Context) error {
	c.conn.SetReadLimit(maxAsk)
	extend := func(string) error { return c.conn.SetReadDeadline(time.Now().Add(readTimeout)) }
	c.conn.SetPongHandler(extend)
	var limit budget
	for {
		if err := extend(""); err != nil {
			return err
		}
		kind, data, err := c.conn.ReadMessage()
		if err != nil {
			return err
		}
		a, err := parseAsk(data)
		if kind != websocket.TextMessage || err != nil {
			return c.refuse(websocket.ClosePolicyViolation, "not a message of spinneret.v1")
		}
		if !limit.spend(time.Now()) {
			return c.refuse(websocket.ClosePolicyViolation, "too many messages")
		}
		select {
		case c.askC <- a:
		case <-ctx.Done():
			return nil
		}
	}
}

func (c *client) refuse(code int, why string) error {
	// It breaks the rules; whether it still hears why does not matter.
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(byeTimeout))
	return errors.New(why)
}

// write sends frames until the connection or ctx ends. It is the only goroutine that sends any.
func (c *client) write(ctx context.Context, me int) error {
	hello, err := c.hub.hello(me)
	if err != nil {
		return err
	}
	if err := c.send(hello); err != nil {
		return err
	}
	c.turn = time.Now()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			return c.bye(c.why())
		case <-ping.C:
			err = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		case a := <-c.askC:
			c.take(a)
		case <-c.wakeC:
			c.pending = true
		case <-c.dueC(due):
			err = c.update(ctx)
		}
	}
	return err
}

// dueC fires when the client's turn has come: never while nothing is pending, or it wants no frames.
func (c *client) dueC(timer *time.Timer) <-chan time.Time {
	every, wants := interval(c.hz)
	if !c.pending || !wants {
		return nil
	}
	timer.Reset(time.Until(c.turn.Add(every)))
	return timer.C
}

// take does what the client asks. Each makes it the client's turn at once.
func (c *client) take(a ask) {
	switch a.T {
	case "resume":
		c.whole = a.Epoch != c.hub.config.Epoch
		c.seq, c.owed = a.Seq, true
	case "view":
		c.hz = a.Hz
	case "focus":
		c.focus.look(0)
		if a.Dev != nil {
			c.focus.look(*a.Dev)
		}
	default:
		return // of a later version of the protocol
	}
	c.pending, c.turn = true, time.Time{}
}

// update sends what changed, and what is new about the device in focus.
func (c *client) update(ctx context.Context) error {
	now := time.Now()
	c.pending, c.turn = false, now
	data, seq, err := c.hub.frame(c.seq, c.whole, c.owed || now.Sub(c.spoke) >= silence)
	if err != nil {
		return err
	}
	if err := c.send(data); err != nil {
		return err
	}
	c.hub.relief.after(len(data), now)
	c.seq, c.whole, c.owed = seq, false, false
	frame, news := c.focus.frame(ctx, c.hub.config.Focuser, c.hub.config.Now(), c.seq)
	if !news {
		return nil
	}
	if data, err = marshal(frame); err != nil {
		return err
	}
	return c.send(data)
}

// send writes one frame; nil is none.
func (c *client) send(data []byte) error {
	if data == nil {
		return nil
	}
	c.spoke = time.Now()
	if err := c.conn.SetWriteDeadline(c.spoke.Add(writeTimeout)); err != nil {
		return err
	}
	return c.conn.WriteMessage(websocket.TextMessage, data)
}

// why is the reason to say goodbye: the program ends, or else the request did, with the login behind it.
func (c *client) why() string {
	if c.hub.stopped.Err() != nil {
		return "restart"
	}
	return "expired"
}

// bye tells the page that it was not the link that ended.
func (c *client) bye(why string) error {
	data, err := marshal(byeFrame{"bye", why})
	if err != nil {
		return err
	}
	deadline := time.Now().Add(byeTimeout)
	if err := c.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if err := c.conn.WriteMessage(websocket.TextMessage, data); err != nil {
		return err
	}
	return c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, why), deadline)
}
