package firewall

import (
	"testing"
	"time"
)

// A change of one level leaves the sets of the others as they are, unless their ends no longer fit.
func TestSetsThatAreAsTheyShouldBeAreLeftAlone(t *testing.T) {
	base := []Quarantine{
		{ID: "a", MAC: camera, Level: Flow, Until: noon.Add(time.Hour), To: []Target{target("198.51.100.0/24", 6)}},
		{ID: "b", MAC: bulb, Level: Full},
	}
	other := append(base[:1:1], Quarantine{ID: "c", MAC: bulb, Level: Full})
	later := append([]Quarantine{base[0]}, base[1])
	later[0].Until = noon.Add(2 * time.Hour)
	wider := append([]Quarantine{base[0]}, base[1])
	wider[0].To = []Target{target("198.51.0.0/16", 6)}
	shared := append(base[:2:2], Quarantine{ID: "d", MAC: camera, Level: Flow, Until: noon.Add(time.Hour), To: base[0].To})
	for name, c := range map[string]struct {
		qs         []Quarantine
		passed     time.Duration // on the kernel's clock
		clock      time.Duration // and on ours
		flow, full bool          // kept
	}{
		"nothing changed":            {base, 0, 0, true, true},
		"only time went by":          {base, time.Minute, time.Minute, true, true},
		"the clock was set forward":  {base, time.Minute, 30 * time.Minute, false, true},
		"the clock was set back":     {base, time.Minute, 0, false, true},
		"another level changed":      {other, time.Minute, time.Minute, true, false},
		"the end is later":           {later, time.Minute, time.Minute, false, true},
		"more is stopped":            {wider, 0, 0, false, true},
		"for another reason as well": {shared, 0, 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			state := State{LAN: []LAN{home}, Quarantines: base}
			before := render(state, kernel{bridge: true}, noon)
			filledAt(before, noon)
			state.Quarantines = c.qs
			tables := render(state, kernel{bridge: true}, noon.Add(c.clock))
			keepSets(tables, before, noon.Add(c.passed))
			for _, s := range tables[1].sets {
				if want := map[string]bool{"flow4_any": c.flow, setFull: c.full}; s.refilled && (s.spec.Name == setFull || s.spec.Name == "flow4_any") && s.kept != want[s.spec.Name] {
					t.Errorf("%s is kept: %v", s.spec.Name, s.kept)
				}
			}
		})
	}
}
