package isp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"spinneret/dots/coap"
	"spinneret/dots/isp/link"
	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// storeTime is how long the store may take.
const storeTime = 5 * time.Second

// session is one home that called. One goroutine, that of run, owns all of it; another reads.
type session struct {
	node   *Node
	home   string
	conn   *link.Conn
	proof  string // by which it was let in, see store.Home
	since  time.Time
	log    *slog.Logger
	spoke  bool // the home did, in this session; the node's mu guards it
	used   bool // as spoke, for run
	noteMu sync.Mutex
	record store.Session
	inC    chan coap.Message
	pokeC  chan struct{} // one slot: there may be a letter

	token, hbToken uint32
	mid            uint16
	exchanges      map[string]*exchange    // by token
	observed       map[string]*observation // by token
	following      map[string]bool         // requests that are observed or about to be
	delivering     map[string]store.Letter // by request: letters that are not done with
	saying         map[string]string       // by request: the tokens of what is being said of it
	last           uint64                  // place of the last letter that was taken up

	settings  wire.SessionConfig
	refresh   time.Time // when to ask for them anew
	heard     time.Time // anything
	heardBeat time.Time // a heartbeat
	roamed    time.Time // when roam looked
	beat      time.Time // when ours is due
}

func newSession(n *Node, c *link.Conn) *session {
	now := n.o.Now()
	s := &session{
		since: now,
		node:  n, home: c.Home, conn: c, proof: n.proof(c), log: n.o.Log.With("home", c.Home),
		record: store.Session{
			Home: c.Home, Node: n.o.Config.Node, Began: n.began, Number: uint64(now.UnixNano()), Peer: c.Peer(), Transport: c.Transport,
			Since: now, Up: true,
		},
		inC: make(chan coap.Message, 8), pokeC: make(chan struct{}, 1),
		token: rand.Uint32(), mid: uint16(rand.Uint32()),
		exchanges: map[string]*exchange{}, observed: map[string]*observation{}, following: map[string]bool{},
		delivering: map[string]store.Letter{}, saying: map[string]string{}, settings: wire.Defaults(), heard: now, beat: now,
	}
	s.hbToken = s.token // before the first of all others, so that its answers are known
	return s
}

func (s *session) now() time.Time { return s.node.o.Now() }

// noted is the session as the store has it.
func (s *session) noted() store.Session {
	s.noteMu.Lock()
	defer s.noteMu.Unlock()
	return s.record
}

func (s *session) poke() {
	select {
	case s.pokeC <- struct{}{}:
	default:
	}
}

// run holds the session until it ends, and says why it did.
func (s *session) run(ctx context.Context) error {
	if err := s.conn.Greet(); err != nil {
		return err
	}
	s.log.Info("a home called", "peer", s.record.Peer, "transport", s.record.Transport)
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	group.Go(func() error { return s.read(ctx) })
	group.Go(func() error { return s.loop(ctx) })
	return group.Wait()
}

// maxHeard is how many messages of a home are taken in a second: what 32 observed requests have to tell, four times. A
// home that is broken into would keep the store busy otherwise.
const maxHeard = 50

func (s *session) read(ctx context.Context) error {
	var second time.Time // the one in which n messages came
	for n := 0; ; n++ {
		m, err := s.conn.Receive()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if s.now().Sub(second) >= time.Second {
			second, n = s.now(), 0
		}
		if n == maxHeard {
			link.Pause(ctx, second.Add(time.Second).Sub(s.now()))
		}
		select {
		case s.inC <- m:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *session) loop(ctx context.Context) error {
	s.askConfig()
	s.askAll(ctx, 0, nil)
	s.takeLetters(ctx)
	s.resume()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, err := s.due()
		if err != nil {
			return err
		}
		timer.Reset(max(next.Sub(s.now()), time.Millisecond))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m := <-s.inC:
			if err := s.hear(ctx, m); err != nil {
				return err
			}
		case <-s.pokeC:
			s.takeLetters(ctx)
		case <-timer.C:
		}
	}
}

// hear takes a message. The first one shows that the home uses this session.
func (s *session) hear(ctx context.Context, m coap.Message) error {
	s.heard = s.now()
	if s.heard.Sub(s.roamed) >= roamTime {
		s.roamed = s.heard
		s.roam(ctx)
	}
	if err := s.receive(m); err != nil || s.used {
		return err
	}
	s.used = true
	if err := s.node.spoken(ctx, s); err != nil {
		return fmt.Errorf("note the session: %w", err)
	}
	s.takeLetters(ctx)
	return nil
}

// firstWord is how long a home that uses another session may take to say anything in this one: we ask four times.
const firstWord = 45 * time.Second

var (
	errMute   = errors.New("the home never spoke in it")
	errSilent = errors.New("the home fell silent")
)

// due sends what is to be sent by now, and returns when there will be more. A home that is silent for long is gone,
// unless something is in force there: the attack may fill its line (RFC 9066 section 5.2.1).
func (s *session) due() (time.Time, error) {
	now := s.now()
	if !s.used && now.Sub(s.since) > firstWord && !s.node.uses(s) {
		return now, errMute
	}
	settings := s.settings.Idle
	if len(s.following) > 0 {
		settings = s.settings.Mitigating
	}
	interval := time.Duration(settings.Heartbeat) * time.Second
	if interval == 0 {
		interval = time.Duration(wire.Defaults().Idle.Heartbeat) * time.Second
	}
	if now.Sub(s.heard) > interval*time.Duration(max(settings.Missing, 1)) && len(s.following) == 0 {
		return now, errSilent
	}
	if !now.Before(s.beat) {
		s.beat = now.Add(interval)
		if err := s.sendHeartbeat(now, interval); err != nil {
			return now, err
		}
	}
	if !now.Before(s.refresh) && len(s.following) == 0 { // not while an attack is on
		s.askConfig()
	}
	next, err := s.say(now)
	return earlier(next, s.beat), err
}

// roamTime is how often a home may be seen elsewhere: each time is noted.
const roamTime = 15 * time.Second

// roam notes a new address of the home, which a Connection ID lets it have in the middle of a session.
func (s *session) roam(ctx context.Context) {
	peer := s.conn.Peer()
	if peer == s.noted().Peer {
		return
	}
	s.noteMu.Lock()
	s.record.Peer = peer
	s.noteMu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	_, err := s.node.store.Sessions.Change(ctx, s.home, func(v *store.Session, _ bool) error {
		if v.Number != s.noted().Number {
			return errLater
		}
		*v = s.noted()
		return nil
	})
	if err != nil && !errors.Is(err, errLater) {
		s.log.Warn("a home's new address could not be noted", "err", err)
	}
}

var errLater = errors.New("a later session took its place")
