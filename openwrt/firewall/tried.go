package firewall

import (
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// What a device that is cut off sends all the same goes by one chain, which drops it and logs a few packets a second of
// each device: a sample of whom it tries to reach. Its flood costs a lookup more than a plain drop, and takes nothing of
// another device's share. Not logged is what names nobody, such as groups and what is no IP; how much was refused in all
// is counted before, in the sets.

const (
	// triedRate is how many packets of one device are logged in a second.
	triedRate = 10
	// triedSnaplen takes IPv6 and a question of DNS with the longest name.
	triedSnaplen = 320

	setTried   = "tried_rate"
	chainTried = "tried"
)

// addTried adds the chain, if somebody wants to know.
func (t *table) addTried(group uint16) {
	if group == 0 {
		return
	}
	t.tells = true
	t.addSet(set{spec: nftables.Set{
		Name: setTried, Comment: "how much is told of what each of them tries", KeyType: nftables.TypeEtherAddr,
		HasTimeout: true, Timeout: time.Minute, Dynamic: true, Size: maxQuarantines,
	}})
	groups := idTriedGroups + uint32(t.family)<<16
	t.addSet(anonymousSet(groups, nftables.TypePktType, []byte{unix.PACKET_BROADCAST}, []byte{unix.PACKET_MULTICAST}))
	var rules []rule
	if t.family != nftables.TableFamilyINet {
		rules = append(rules, say("ARP, and what else is no IP", t.neitherIP(), drop()))
	}
	rules = append(rules,
		say("to everybody", metaIn(expr.MetaKeyPKTTYPE, groups), drop()),
		say("whom it tries to reach", t.perSource(setTried, triedRate), logTo(group, triedSnaplen, nameThreshold), drop()),
		say("", drop()))
	t.addChain(chainTried, nil, rules...)
}

// refused drops what a device sent.
func (t *table) refused() []expr.Any {
	if t.tells {
		return goTo(chainTried)
	}
	return drop()
}
