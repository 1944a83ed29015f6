package isp

import (
	"context"
	"errors"
	"slices"
	"time"

	"spinneret/dots/isp/link"
	"spinneret/dots/isp/store"
)

// serve holds the session of one home that proved who it is.
func (n *Node) serve(ctx context.Context, c *link.Conn) {
	s := newSession(n, c)
	defer func() { n.release(ctx, s) }()
	if err := errors.Join(n.hold(ctx, s), n.renewed(ctx, s)); err != nil {
		s.log.Warn("a session is not taken up", "err", err)
		return
	}
	n.taken.Add(1)
	err := s.run(ctx)
	if ctx.Err() != nil {
		err = errStopping
	}
	s.log.Info("a home's session is over", "why", err)
}

var errStopping = errors.New("this node stops")

// maxSessions bounds the sessions of one home.
const maxSessions = 3

// hold keeps a session. Earlier ones of the same home are its own to end: it may have called in two ways at once, and
// keep either (RFC 9132 section 4.3). Which one that is, the home shows by speaking: the last handshake to end may be
// one that the home gave up on, and over UDP no word of that reaches us.
func (n *Node) hold(ctx context.Context, s *session) error {
	n.mu.Lock()
	list := n.held[s.home]
	if len(list) == maxSessions {
		mute := max(slices.IndexFunc(list, func(o *session) bool { return !o.spoke }), 0)
		_ = list[mute].conn.Close()
		list = slices.Delete(slices.Clone(list), mute, mute+1)
	}
	n.held[s.home] = append(list, s)
	used := n.usedLocked(s.home) == s
	n.mu.Unlock()
	// Whoever ends its enrolment from now on finds the session; who did before is found here.
	if h, _ := n.store.Homes.Get(s.home); !h.Admits(s.proof) {
		return errReplaced
	}
	if !used {
		return nil
	}
	return n.note(ctx, s)
}

// spoken takes a session for the one that its home uses, with its first message.
func (n *Node) spoken(ctx context.Context, s *session) error {
	n.mu.Lock()
	used := n.usedLocked(s.home) == s
	list := slices.DeleteFunc(slices.Clone(n.held[s.home]), func(o *session) bool { return o == s })
	n.held[s.home] = append(list, s)
	s.spoke = true
	n.mu.Unlock()
	if used {
		return nil
	}
	return n.note(ctx, s)
}

// note enters a session as the one of its home.
func (n *Node) note(ctx context.Context, s *session) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	_, err := n.store.Sessions.Change(ctx, s.home, func(v *store.Session, _ bool) error {
		*v = s.noted()
		return nil
	})
	return err
}

// release notes that a session is over; one that its home has still takes its place. While the node ends, its lease
// says that for all of them.
func (n *Node) release(ctx context.Context, s *session) {
	n.mu.Lock()
	list := slices.DeleteFunc(slices.Clone(n.held[s.home]), func(o *session) bool { return o == s })
	if n.held[s.home] = list; len(list) == 0 {
		delete(n.held, s.home)
	}
	last := n.usedLocked(s.home)
	n.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	err := n.store.Down(noting, s.noted())
	if last != nil {
		err = errors.Join(err, n.note(noting, last))
		last.poke()
	}
	if err != nil {
		s.log.Warn("the end of a session could not be noted", "err", err)
	}
}

// usedLocked is the session that gets a home's letters: the latest in which the home spoke, else the latest; nil where
// there is none.
func (n *Node) usedLocked(home string) *session {
	list := n.held[home]
	for _, s := range slices.Backward(list) {
		if s.spoke {
			return s
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// drop ends the session of a home here, if it is one that is meant.
func (n *Node) drop(home string, meant func(*session) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.held[home] {
		if meant(s) {
			_ = s.conn.Close()
		}
	}
}

// uses reports whether a session is the one that gets its home's letters.
func (n *Node) uses(s *session) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.usedLocked(s.home) == s
}

// wake tells the session of a home, if it is here, that there is a letter.
func (n *Node) wake(home string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.usedLocked(home); s != nil {
		s.poke()
	}
}

// lookForLetters wakes the sessions whose homes have letters, from time to time and after NATS was out of reach: one
// look for all of them, as homes are many and letters few.
func (n *Node) lookForLetters(ctx context.Context) error {
	look := time.NewTicker(n.o.Timing.Look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		case <-n.store.Reached():
		}
		looking, cancel := context.WithTimeout(ctx, storeTime)
		homes, err := n.store.Addressees(looking)
		cancel()
		if err != nil && ctx.Err() == nil {
			n.o.Log.Warn("letters may wait", "err", err)
		}
		for _, home := range homes {
			n.wake(home)
		}
	}
}
