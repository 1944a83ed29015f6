package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spinneret/agent/party"
	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
)

// Restored is what was put back in force.
type Restored struct{ Quarantines, Profiles int }

// Restore puts the saved quarantines and the profiles of devices back in force, for the time before the agent runs. It is
// one transaction. An error beside numbers above 0 tells of what could not be read, or not be put back. An agent that
// answers at the socket has them in its own hands: it puts its rules back over ours while those are read back.
func Restore(ctx context.Context, stateDir, socket string) (Restored, error) {
	dir, err := state.Open(stateDir)
	if err != nil {
		return Restored{}, err
	}
	rules, damage := savedRules(dir, time.Now())
	if len(rules.Quarantines)+len(rules.Profiles) == 0 {
		return Restored{}, damage
	}
	fw, err := firewall.Open(firewall.Options{})
	if err != nil {
		return Restored{}, errors.Join(err, damage)
	}
	err = bringBack(ctx, fw, rules)
	if held := (*firewall.HeldError)(nil); errors.As(err, &held) && answers(socket) {
		err = nil
	}
	if err != nil && len(rules.Quarantines) > 0 && len(rules.Profiles) > 0 {
		// A description that the kernel does not take must not let out who is cut off.
		rules.Profiles, damage = nil, errors.Join(damage, fmt.Errorf("put profiles back: %w", err))
		err = bringBack(ctx, fw, rules)
	}
	if err != nil {
		return Restored{}, errors.Join(err, damage)
	}
	return Restored{len(rules.Quarantines), len(rules.Profiles)}, damage
}

func bringBack(ctx context.Context, fw *firewall.Firewall, rules firewall.State) error {
	ctx, cancel := context.WithTimeout(ctx, applyDeadline)
	defer cancel()
	return fw.Apply(ctx, rules)
}

// savedRules are the rules of an earlier run, with an error for what of them could not be read.
func savedRules(dir state.Dir, now time.Time) (rules firewall.State, damage error) {
	var saved savedQuarantines
	found, damage := dir.Load(quarantineFile, &saved)
	if found {
		rules = saved.rules(now, clockSet(now))
	}
	parties, err := loadParties(dir)
	damage = errors.Join(damage, err)
	if parties == nil {
		return rules, damage
	}
	if len(rules.Quarantines) == 0 {
		rules = firewall.State{LAN: parties.LAN, WAN: parties.WAN}
	}
	rules.Profiles, err = savedProfilesOf(dir, parties)
	return rules, errors.Join(damage, err)
}

// savedProfilesOf are the profiles of an earlier run, of its descriptions and its parties.
func savedProfilesOf(dir state.Dir, parties *savedParties) ([]firewall.Profile, error) {
	descriptions := shelf.New(func() float64 { return 0 }) // nothing is looked up
	err := readShelf(dir, descriptions)
	list := parties.restored(func(mac packet.MAC) (p party.Profile, known bool) {
		holder, _ := descriptions.Holder(mac)
		p.Mode = firewall.ProfileMode(holder.Mode)
		policy, ok := descriptions.Policy(mac)
		p.Policy = party.Apart(policy, mac)
		return p, ok && holder.Mode != shelf.Off
	})
	list = acceptable(list, func(mac packet.MAC, why error) {
		err = errors.Join(err, fmt.Errorf("put the profile of %s back: %w", mac, why))
	})
	return list, err
}
