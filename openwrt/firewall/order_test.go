package firewall

import (
	"slices"
	"testing"

	"github.com/google/nftables/expr"
)

// TestWhatADeviceIsRefusedTakesNoPlaceInTheLog: one that is cut off and floods on must not use up what the log may tell
// of the others. So wherever the kernel enters our rules, what may drop comes before what may log.
func TestWhatADeviceIsRefusedTakesNoPlaceInTheLog(t *testing.T) {
	s := states["all"]
	s.Log = Log{Group: 10, DNSGroup: 11, LooseGroup: 12, Inside: 13, Rate: 1000, First: true}
	s.PagePorts, s.Quarantines = []uint16{8484}, append(slices.Clone(s.Quarantines), states["flow"].Quarantines...)
	logs, drops := 0, 0
	for _, table := range render(s, kernel{bridge: true, ingress: true, egress: true}, noon) {
		for _, c := range table.chains {
			if c.hook == nil {
				continue
			}
			logging := false
			for i, r := range c.rules {
				log, drop := table.mayLogOrDrop(r)
				if drop && logging {
					t.Errorf("family %v, chain %s: rule %d may drop what was logged before it", table.family, c.name, i+1)
				}
				logging = logging || log
				if log {
					logs++
				}
				if drop {
					drops++
				}
			}
		}
	}
	if logs < 5 || drops < 10 {
		t.Errorf("only %d rules log and %d drop: something was not looked at", logs, drops)
	}
}

// mayLogOrDrop says what a rule does, or the chains that it leads to.
func (t *table) mayLogOrDrop(r rule) (log, drop bool) {
	for _, e := range r.exprs {
		switch e := e.(type) {
		case *expr.Log:
			log = true
		case *expr.Verdict:
			drop = drop || e.Kind == expr.VerdictDrop
			for _, r := range t.rulesOf(e.Chain) {
				l, d := t.mayLogOrDrop(r)
				log, drop = log || l, drop || d
			}
		}
	}
	return log, drop
}

func (t *table) rulesOf(chain string) []rule {
	for _, c := range t.chains {
		if c.name == chain {
			return c.rules
		}
	}
	return nil
}
