package capture

import (
	"fmt"
)

// MaxLevel is the highest level of observing. Each level includes those below.
const MaxLevel = 3

// The levels, by what each adds.
const (
	LevelPackets    = iota // nflog alone, rate-limited: volumes are estimates
	LevelAccounting        // conntrack's counters
	LevelEvents            // conntrack tells of ends: short flows, outside ports
	LevelBridge            // what passes inside the home, and frames without IP
)

// Ability says whether one thing works on this router, or why not in one line that says what to do.
type Ability struct {
	OK  bool
	Why string // "" where OK
}

// Able is the Ability of what works.
var Able = Ability{OK: true}

// Abilities is what was found out by trying, one for each level.
type Abilities [MaxLevel + 1]Ability

// LevelState is one line of the list of levels.
type LevelState struct {
	Level int
	OK    bool
	Why   string // it does not work; "" where OK
}

// Levels follows which level the router is capable of. It does nothing itself: who tries tells it by Set.
type Levels struct {
	highest int
	states  [MaxLevel + 1]LevelState
}

// NewLevels returns the levels of a router of which nothing is known yet. Levels above highest are not used
// even where they work.
func NewLevels(highest int) *Levels {
	l := &Levels{highest: min(max(highest, 0), MaxLevel)}
	for i := range l.states {
		l.states[i] = LevelState{Level: i, Why: "not tried yet"}
	}
	return l
}

// Set takes what works now, and reports whether a level or a reason is another than before. A level is lost with
// any below it, and comes back with them.
func (l *Levels) Set(a Abilities) (changed bool) {
	below := ""
	for i := range l.states {
		ok, why := l.judge(i, a[i], below)
		if s := &l.states[i]; s.OK != ok || s.Why != why {
			s.OK, s.Why, changed = ok, why, true
		}
		if !ok && below == "" {
			below = fmt.Sprintf("level %d does not work", i)
		}
	}
	return changed
}

// judge gives the reason that a person can do most about: one's own first, then what is missing below.
func (l *Levels) judge(level int, a Ability, below string) (ok bool, why string) {
	switch {
	case level > l.highest:
		return false, fmt.Sprintf("option max_level is %d", l.highest)
	case !a.OK && a.Why == "":
		return false, "not known why"
	case !a.OK:
		return false, a.Why
	case below != "":
		return false, below
	}
	return true, ""
}

// Level is the highest that works, with all below. It is 0 also where not even that does: see List.
func (l *Levels) Level() int {
	level := 0
	for level < MaxLevel && l.states[level].OK && l.states[level+1].OK {
		level++
	}
	return level
}

// Allows reports whether a level works and is wanted.
func (l *Levels) Allows(level int) bool {
	return level >= 0 && level <= MaxLevel && l.states[level].OK
}

// List returns all levels from 0 up.
func (l *Levels) List() []LevelState { return append([]LevelState(nil), l.states[:]...) }
