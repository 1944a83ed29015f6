package shelf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"spinneret/mud"
)

// ErrNoQuestion is the answer to a word about what does not wait, or not any more.
var ErrNoQuestion = errors.New("this does not wait for an answer: look again at what does")

// Question is what waits for the owner about a device.
type Question struct {
	ID     string // of exactly what is asked: what changes meanwhile has another
	Kind   string // url, file or entries
	Why    []string
	URL    mud.URL  // of the file that it is about
	Policy []string // what it would allow, in words; nil where that is not known yet, or not asked for
}

// The kinds of questions.
const (
	AskURL     = "url"     // the device names another URL
	AskFile    = "file"    // a file that is not in force
	AskEntries = "entries" // entries of the file that is
)

// Questions are what waits about a device; with words they say what would be allowed, which takes long.
func (s *Shelf) Questions(mac MAC, words bool) (list []Question) {
	h := s.holders[mac]
	if h == nil {
		return nil
	}
	if h.Proposed != (mud.URL{}) && h.Assigned == "" {
		list = append(list, s.askURL(h, words))
	}
	t := s.titles[h.key()]
	if t == nil {
		return list
	}
	if w := t.Waiting; w != nil {
		q := Question{ID: AskFile + "-" + w.Digest[:8], Kind: AskFile, Why: slices.Clone(w.Doubts), URL: t.URL}
		if words {
			q.Policy = w.file.Compile(false).Words()
		}
		list = append(list, q)
	}
	if held := t.undecided(); len(held) > 0 {
		list = append(list, t.askEntries(held))
	}
	return list
}

func (s *Shelf) askURL(h *Holder, words bool) Question {
	q := Question{
		ID: AskURL + "-" + h.Proposed.Key()[:8], Kind: AskURL, URL: h.Proposed,
		Why: []string{fmt.Sprintf("the device names %s (%s), before it was %s (%s)", h.Proposed, h.ProposedBy, h.Heard, h.HeardBy)},
	}
	if p, ok := s.titles[h.Proposed.Key()].Policy(false); ok && words {
		q.Policy = p.Words()
	}
	return q
}

// undecided are the keys of the entries in force that the owner said nothing of.
func (t *Title) undecided() []string {
	p, ok := t.Policy(false)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(p.Held(), func(key string) bool { _, said := t.Agreed[key]; return said })
}

func (t *Title) askEntries(held []string) Question {
	sum := sha256.Sum256([]byte(strings.Join(held, " ")))
	q := Question{ID: AskEntries + "-" + hex.EncodeToString(sum[:4]), Kind: AskEntries, URL: t.URL}
	p, _ := t.Policy(false)
	for _, side := range []struct {
		d     mud.Direction
		rules []mud.Rule
	}{{mud.FromDevice, p.From}, {mud.ToDevice, p.To}} {
		for _, r := range side.rules {
			if r.Held != "" && slices.Contains(held, r.Key(side.d)) {
				if !slices.Contains(q.Why, r.Held) {
					q.Why = append(q.Why, r.Held)
				}
				q.Policy = append(q.Policy, r.Words(side.d))
			}
		}
	}
	return q
}

// Answer is the owner's word about a question. What is about a file is for all devices that have it.
func (s *Shelf) Answer(mac MAC, id string, yes bool, now time.Time) error {
	i := slices.IndexFunc(s.Questions(mac, false), func(q Question) bool { return q.ID == id })
	if i < 0 {
		return ErrNoQuestion
	}
	s.revision++
	t := s.Holds(mac)
	switch kind := s.Questions(mac, false)[i].Kind; {
	case kind == AskURL && yes:
		s.AcceptURL(mac, now)
	case kind == AskURL:
		s.DeclineURL(mac)
	case kind == AskFile && yes:
		s.accept(t, t.Waiting)
	case kind == AskFile:
		t.Declined, t.Waiting = t.Waiting.Digest, nil
	default:
		s.decide(t, yes)
	}
	return nil
}

// decide notes the owner's word about entries.
func (s *Shelf) decide(t *Title, yes bool) {
	agreed := map[string]bool{}
	for _, key := range t.Current.file.Compile(false).Held() { // of entries that are gone nothing is kept
		if said, ok := t.Agreed[key]; ok {
			agreed[key] = said
		}
	}
	for _, key := range t.undecided() {
		agreed[key] = yes
	}
	t.Agreed, t.policy = agreed, [2]*mud.Policy{}
	s.changed()
}
