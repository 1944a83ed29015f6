package capture

import (
	"strings"
	"testing"
)

// whys writes the reasons of all levels, "ok" for those that work.
func whys(l *Levels) string {
	var out []string
	for _, s := range l.List() {
		if s.OK {
			s.Why = "ok"
		}
		out = append(out, s.Why)
	}
	return strings.Join(out, " | ")
}

func TestLevels(t *testing.T) {
	no := func(why string) Ability { return Ability{Why: why} }
	for name, c := range map[string]struct {
		highest int
		try     Abilities
		level   int
		want    string
	}{
		"all works":              {3, Abilities{Able, Able, Able, Able}, 3, "ok | ok | ok | ok"},
		"no bridge":              {3, Abilities{Able, Able, Able, no("install it")}, 2, "ok | ok | ok | install it"},
		"a gap below":            {3, Abilities{Able, no("set it to 1"), Able, Able}, 0, "ok | set it to 1 | level 1 does not work | level 1 does not work"},
		"each has its reason":    {3, Abilities{Able, no("a"), no("b"), Able}, 0, "ok | a | b | level 1 does not work"},
		"capped":                 {1, Abilities{Able, Able, Able, Able}, 1, "ok | ok | option max_level is 1 | option max_level is 1"},
		"capped below the least": {-4, Abilities{Able, Able, Able, Able}, 0, "ok | option max_level is 0 | option max_level is 0 | option max_level is 0"},
		"nothing works":          {3, Abilities{no("be root"), Able, Able, Able}, 0, "be root | level 0 does not work | level 0 does not work | level 0 does not work"},
		"no reason is given":     {0, Abilities{}, 0, "not known why | option max_level is 0 | option max_level is 0 | option max_level is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			l := NewLevels(c.highest)
			l.Set(c.try)
			if got := whys(l); got != c.want || l.Level() != c.level {
				t.Errorf("level %d: %s\nwant %d: %s", l.Level(), got, c.level, c.want)
			}
			if l.Allows(c.level+1) || l.Allows(-1) {
				t.Error("allows more than there is")
			}
		})
	}
}

func TestALevelThatIsLostComesBack(t *testing.T) {
	l := NewLevels(3)
	all := Abilities{Able, Able, Able, Able}
	if !l.Set(all) || l.Set(all) {
		t.Error("the same twice is no change, and the first is one")
	}
	lost := all
	lost[LevelAccounting] = Ability{Why: "the module is gone"}
	if !l.Set(lost) || l.Level() != 0 || l.Allows(LevelEvents) {
		t.Errorf("lost: %s", whys(l))
	}
	lost[LevelAccounting].Why = "no memory"
	if !l.Set(lost) || l.Level() != 0 {
		t.Error("another reason is a change, but not of the level")
	}
	if s := l.List()[LevelAccounting]; s.Why != "no memory" {
		t.Errorf("state %+v", s)
	}
	if !l.Set(all) || l.Level() != 3 {
		t.Errorf("back: %s", whys(l))
	}
}
