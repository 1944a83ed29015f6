package firewall

import (
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Level flow: what its targets name, from the device and to it, and nothing else.
//
// What the device sends up to the router is dropped in inet prerouting, before NAT and after the kernel has put
// fragments together; what it sends to a neighbour in bridge forward. What goes to the device is dropped in
// bridge forward and output, or netdev egress. Bridged fragments have no ports but in the first of them: where
// a target names ports the rest pass, and nobody can put them together.

const (
	setFlow     = "flows"
	setsStopped = "flow" // and 4 or 6 and so on; by itself it is a word of nft's

	chainFromFlow = "from_flow"
	chainToFlow   = "to_flow"
)

// stopped is what level flow has in the sets.
type stopped struct {
	macs    []element
	targets traffic
}

func flowTargets(q Quarantine) []Target {
	if q.Level != Flow {
		return nil
	}
	return q.To
}

func stoppedOf(qs []Quarantine, now time.Time) stopped {
	return stopped{macsAt(Flow, qs, now), trafficOf(current(qs, now), now, flowTargets)}
}

// current are the quarantines that have not ended.
func current(qs []Quarantine, now time.Time) []Quarantine {
	var out []Quarantine
	for _, q := range qs {
		if remaining(q, now) >= 0 {
			out = append(out, q)
		}
	}
	return out
}

func (t *table) addFlowSets(s stopped) {
	t.addMACs(setFlow, "devices with something stopped", s.macs, false)
	t.addTrafficSets(setsStopped, "stopped", s.targets, true)
}

// addFlowChain adds the chain for one direction.
func (t *table) addFlowChain(name string, s stopped, d direction) {
	then := drop()
	if d == from {
		then = t.refused()
	}
	rules := t.trafficRules(setsStopped, s.targets, d, then)
	if t.family == nftables.TableFamilyBridge && d == from {
		rules = append(rules,
			say("a VLAN tag within another hides what a packet is", t.protocolIs(unix.ETH_P_8021Q), drop()),
			say("", t.protocolIs(unix.ETH_P_8021AD), drop()))
	}
	t.addChain(name, nil, rules...)
}

// flowsBefore leads to the chain from prerouting, where a packet still goes to where the device sent it. It
// leaves out devices that are cut off from the internet: what that level refuses as well is to count for it.
func (t *table) flowsBefore(c cuts) rule {
	if len(c.internet.macs) == 0 {
		return say("", iifIn(setEntries), t.sourceIn(setFlow), jumpTo(chainFromFlow))
	}
	return say("", iifIn(setEntries), t.sourceIn(setFlow), not(t.sourceIn(setOffline)), jumpTo(chainFromFlow))
}

// flowsAfter leads those that were left out to it, with what level internet let pass.
func (t *table) flowsAfter() rule {
	return say("what else is stopped", iifIn(setEntries), t.sourceIn(setOffline), t.sourceIn(setFlow), jumpTo(chainFromFlow))
}
