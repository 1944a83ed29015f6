package mud

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Key names what an entry admits or drops in a direction, whatever it is called and wherever it stands in its file: two
// with the same key mean the same.
func (a ACE) Key(d Direction) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %v %+v", d, a.Family, a.Drop, a.Match))
	return hex.EncodeToString(sum[:16])
}

// Held lists the entries that wait for the owner, by their keys.
func (p Policy) Held() (keys []string) {
	p.each(func(d Direction, r *Rule) {
		if r.Held == "" {
			return
		}
		if k := r.Key(d); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	})
	return keys
}

// Agree is the policy once the owner agreed to the entries with these keys.
func (p Policy) Agree(agreed func(key string) bool) Policy {
	p.From, p.To = slices.Clone(p.From), slices.Clone(p.To)
	p.each(func(d Direction, r *Rule) {
		if r.Held != "" && agreed(r.Key(d)) {
			r.Held = ""
		}
	})
	return p
}

func (p Policy) each(do func(Direction, *Rule)) {
	for i := range p.From {
		do(FromDevice, &p.From[i])
	}
	for i := range p.To {
		do(ToDevice, &p.To[i])
	}
}

// Wider lists in plain words what a policy allows beyond an older one. It knows no more than what the rules say: what
// several older rules allow together counts as new, what a held rule would allow counts for neither.
func Wider(older, newer Policy) (words []string) {
	for _, side := range []struct {
		d          Direction
		had, gains []Rule
	}{{FromDevice, older.From, newer.From}, {ToDevice, older.To, newer.To}} {
		for i, r := range side.gains {
			if r.Drop || r.Held != "" || covered(r, side.had, side.gains[:i]) {
				continue
			}
			if w := r.words(side.d); !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return words
}

// covered says whether an older list allows all of what r allows: one of its rules does, and what it drops before that
// is dropped before r too.
func covered(r Rule, had, before []Rule) bool {
	for _, o := range had {
		switch {
		case o.Held != "":
		case !o.Drop && o.holdsAll(r):
			return true
		case o.Drop && !slices.ContainsFunc(before, func(n Rule) bool { return n.Drop && n.holdsAll(o) }) && !o.apart(r):
			return false
		}
	}
	return false
}

// holdsAll says whether every packet that r is about is one that o is about.
func (o Rule) holdsAll(r Rule) bool {
	return o.Family&r.Family == r.Family && (o.State == r.State || o.State == Packets) &&
		(o.Protocol == r.Protocol || o.Protocol == AnyProtocol) && (o.Initiated == "" || o.Initiated == r.Initiated) &&
		o.RemotePort.holdAll(r.RemotePort) && o.LocalPort.holdAll(r.LocalPort) &&
		allHold(o.Remote, r.Remote) && allHold(o.Local, r.Local) &&
		!slices.ContainsFunc(o.Fields, func(f Field) bool { return !slices.Contains(r.Fields, f) })
}

// apart says for sure that no packet is one of both.
func (o Rule) apart(r Rule) bool {
	return o.Family&r.Family == 0 || o.Protocol != AnyProtocol && r.Protocol != AnyProtocol && o.Protocol != r.Protocol
}

// Has reports whether a port is one of them.
func (p Ports) Has(port uint16) bool { return !p.Set || (p.Low <= port && port <= p.High) != p.Not }

func (p Ports) holdAll(q Ports) bool {
	switch {
	case !p.Set || p == q:
		return true
	case !q.Set || p.Not != q.Not:
		return p.Not && q.Set && (q.High < p.Low || q.Low > p.High)
	case p.Not:
		return q.Low <= p.Low && p.High <= q.High
	}
	return p.Low <= q.Low && q.High <= p.High
}

// allHold says whether each of the endpoints that must all hold in the one rule is implied by one of the other rule.
func allHold(had, now []Endpoint) bool {
	for _, o := range had {
		if !slices.ContainsFunc(now, o.holds) {
			return false
		}
	}
	return true
}

// holds says whether all of f is part of e.
func (e Endpoint) holds(f Endpoint) bool {
	switch {
	case e == f:
		return true
	case e.Kind == Prefix && f.Kind == Prefix:
		return e.Prefix.Bits() <= f.Prefix.Bits() && e.Prefix.Contains(f.Prefix.Addr())
	case e.Kind == Name && f.Kind == Name:
		below, wild := strings.CutPrefix(e.Name, "*")
		return wild && strings.HasSuffix(f.Name, below)
	}
	return false
}
