package shelf

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"spinneret/mud"
	"spinneret/mud/fetch"
)

// Delivery is what became of a Job.
type Delivery struct {
	Key       string
	Copy      *Copy // nil where Unchanged or Err is set
	Unchanged bool
	Version   fetch.Version
	MaxAge    time.Duration // for which the server says that it stays the same
	Err       error         // of type *fetch.Error, *RefusedError, or another
}

// Notice is something that the devices' owner is to know.
type Notice struct {
	Key   string // of the title
	Grave int    // 1: a note, 2: a warning, 3: an alarm
	Text  string // the rest of a sentence about a device's description, always in the same words
	Why   string // it is so; "" where there is no more to say
}

// String is the notice and why.
func (n Notice) String() string {
	if n.Why == "" {
		return n.Text
	}
	return n.Text + ": " + n.Why
}

// Take takes what a server gave.
func (s *Shelf) Take(d Delivery, now time.Time) []Notice {
	t := s.titles[d.Key]
	if t == nil {
		return nil // nobody has it any more
	}
	t.reach = false
	s.revision++
	switch {
	case d.Err != nil:
		kind, why := failure(d.Err)
		s.failed(t, now, kind, why)
		return t.tell(d.Key, now)
	case d.Unchanged:
		s.answered(t, now, d.MaxAge)
		return nil
	}
	t.Version = d.Version
	notices := s.receive(d.Key, t, d.Copy)
	s.answered(t, now, d.MaxAge)
	s.tryProposals(now)
	return notices
}

// failure is what kind of failure an error is, and what went wrong.
func failure(err error) (fetch.Kind, string) {
	var failed *fetch.Error
	if !errors.As(err, &failed) {
		return fetch.Bad, err.Error()
	}
	return failed.Kind, strings.ReplaceAll(err.Error(), failed.Error(), failed.Err.Error())
}

// receive puts a copy in force, or lets it wait for the owner.
func (s *Shelf) receive(key string, t *Title, c *Copy) []Notice {
	switch {
	case t.Current != nil && t.Current.Digest == c.Digest:
		s.sameAgain(t, c)
		return nil
	case t.Declined == c.Digest || t.Waiting != nil && t.Waiting.Digest == c.Digest:
		return nil
	}
	if err := s.room(c); err != nil {
		t.Version = fetch.Version{} // it is to be given again
		return []Notice{{key, 2, "was not taken", err.Error()}}
	}
	if c.Doubts = s.doubts(t, c); len(c.Doubts) > 0 {
		t.Waiting = c
		return []Notice{{key, 2, "waits for your word", c.Doubts[0]}}
	}
	first := t.Current == nil
	s.accept(t, c)
	if first {
		return []Notice{{key, 1, "was got and is used", ""}}
	}
	return []Notice{{key, 1, "was updated by its maker", ""}}
}

// sameAgain takes the file that is in force: it may be signed by now, and what was signed well once stays so.
func (s *Shelf) sameAgain(t *Title, c *Copy) {
	t.Current.At, t.Waiting = c.At, nil // what waits is not what the maker gives any more
	if c.Signer != nil && s.knownSigner(t, c.Signer) {
		t.Current.Signer, t.Current.SignedBy, t.Current.SignedTill, t.Current.Unsigned = c.Signer, c.SignedBy, c.SignedTill, ""
		t.Pin = c.Signer
	}
}

// accept puts a copy in force.
func (s *Shelf) accept(t *Title, c *Copy) {
	t.Current, t.Waiting, t.policy, t.Declined = c, nil, [2]*mud.Policy{}, ""
	if c.file.LastUpdate.After(t.Newest) {
		t.Newest = c.file.LastUpdate
	}
	if c.Signer != nil {
		t.Pin = c.Signer
	}
	s.changed()
}

// doubts are why a copy waits for the owner (RFC 8520 13.2 and 16, and what its signer may do unasked).
func (s *Shelf) doubts(t *Title, c *Copy) (why []string) {
	fresh := &Title{URL: t.URL, Current: c, Agreed: t.Agreed}
	policy, _ := fresh.Policy(false)
	before, had := t.Policy(false)
	var wider []string
	if had {
		wider = mud.Wider(before, policy)
	}
	// The owner agreed to one without a signature before; a bad signature is another matter (RFC 8520 13.2).
	usual := had && t.Current.Signer == nil && t.Pin == nil && c.file.Signature == ""
	if c.Unsigned != "" && !(usual && len(wider) == 0) {
		why = append(why, c.Unsigned)
	}
	if c.Signer != nil && !s.knownSigner(t, c.Signer) {
		why = append(why, fmt.Sprintf("it is signed by %q, not by who signed before", c.SignedBy))
	}
	if c.file.Held != "" {
		why = append(why, c.file.Held)
	}
	if c.file.URL != t.URL {
		why = append(why, fmt.Sprintf("it says that it belongs to %s", c.file.URL))
	}
	if c.file.LastUpdate.Before(t.Newest) {
		why = append(why, fmt.Sprintf("it is of %s, older than one that was in force", c.file.LastUpdate.UTC().Format(time.DateOnly)))
	}
	if len(wider) > 0 && !t.Pin.is(c.Signer) {
		why = append(why, fmt.Sprintf("it allows more than the one before: %s", some(wider)))
	}
	return why
}

// knownSigner says whether a signer is the one that is known for a title, or for others of its authority.
func (s *Shelf) knownSigner(t *Title, by *Pin) bool {
	if t.Pin != nil {
		return t.Pin.is(by)
	}
	others := false
	for _, o := range s.titles {
		if o.Pin != nil && o.URL.Authority() == t.URL.Authority() {
			if o.Pin.is(by) {
				return true
			}
			others = true
		}
	}
	return !others
}

// some is the first of a list, and how many more there are.
func some(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s, and %d more", list[0], len(list)-1)
}

// tryProposals lets devices have the URLs that they named later, where those turned out to be by the same signer.
func (s *Shelf) tryProposals(now time.Time) {
	for _, h := range s.holders {
		if !h.Trial {
			continue
		}
		old, fresh := s.titles[h.Heard.Key()], s.titles[h.Proposed.Key()]
		if old == nil || old.Current == nil || fresh == nil || fresh.Current == nil || !old.Pin.is(fresh.Pin) ||
			fresh.Current.file.LastUpdate.Before(old.Current.file.LastUpdate) { // a step back may be to a more open one
			continue
		}
		h.Heard, h.HeardBy = h.Proposed, h.ProposedBy
		h.Proposed, h.Trial = mud.URL{}, false
		s.changed()
	}
}

// tell says once how bad a failure is.
func (t *Title) tell(key string, now time.Time) []Notice {
	n := t.gravity(now)
	if n.Grave <= t.Told {
		return nil
	}
	n.Key, t.Told = key, n.Grave
	return []Notice{n}
}

// gravity is how bad it is that a file could not be got. What is in force stays so.
func (t *Title) gravity(now time.Time) Notice {
	switch {
	case t.Kind == fetch.Untrusted:
		return Notice{Grave: 3, Text: "could not be got: its server has a wrong certificate, which may be an attack", Why: t.Why}
	case t.Kind == fetch.Bad && t.Current != nil:
		return Notice{Grave: 3, Text: "has a newer version that cannot be used, the old one stays", Why: t.Why}
	case t.Current == nil:
		return Notice{Grave: 2, Text: "could not be got", Why: t.Why}
	case t.Kind == fetch.Withdrawn:
		return Notice{Grave: 2, Text: "was withdrawn by its maker: what is known of it stays in force"}
	case now.Sub(t.Answered) >= stale:
		return Notice{Grave: 3, Text: "was not to be got for 30 days: what is known of it stays in force"}
	case now.Sub(t.Answered) >= 2*t.Current.file.CacheValidity:
		return Notice{Grave: 2, Text: "could not be looked up for long: what is known of it stays in force", Why: t.Why}
	}
	return Notice{}
}
