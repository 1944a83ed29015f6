package firewall

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"spinneret/mud"
)

// Profile is what one device may do (RFC 8520), with who the parties of its policy are at the moment. It never opens
// anything that is closed without it, and a quarantine stops what a profile allows.
//
// Not seen: what a Wi-Fi driver or a switch chip passes on by itself. A group's frames are judged by who sends them,
// not by who hears them. Later fragments of what stays on a bridge have no ports, so rules with ports do not match
// them. Where bridge-nf-call-iptables is on, what is only watched inside the home counts twice.
type Profile struct {
	MAC  [6]byte
	Mode ProfileMode
	// Policy is as compiled, and must not change any more. Rules that are held have no effect.
	Policy mud.Policy
	// Addresses are the device's own. What the router sends or forwards to others is not known to be for it.
	Addresses []netip.Addr
	// Sets say who the endpoints of Policy are, all but those of kind Prefix. A missing or empty one matches nothing.
	// Those of kind Name have single addresses; what Firewall.Learn adds comes on top.
	Sets map[mud.Endpoint]Party
	// Borrowed are connections that the device began from addresses of others. Where it comes to be allowed less they end,
	// and what goes on is judged by whose frames it comes in.
	Borrowed []Origin

	named []mud.Endpoint // by its rules, once they were looked for
}

// ProfileMode is what becomes of packets that a profile does not allow.
type ProfileMode string

// The modes. Both count and log such packets.
const (
	Watch   ProfileMode = "watch"   // they pass
	Enforce ProfileMode = "enforce" // they are dropped
)

// Party is who an endpoint is: any of these. MACs count on the home's bridges only.
type Party struct {
	Prefixes []netip.Prefix
	MACs     [][6]byte
}

// Origin is where a connection comes from. It has no port where there are none.
type Origin struct {
	From     netip.AddrPort
	Protocol uint8
}

// Address is one that a name has for some time, 0 for ever.
type Address struct {
	Addr netip.Addr
	For  time.Duration
}

// Limits of the profiles of a State.
const (
	maxProfiles     = 256
	maxRules        = 640   // of one profile: 512 entries of a file and the defaults
	maxParty        = 4096  // prefixes and MACs of one party
	maxAllParties   = 16384 // of all profiles
	maxEndpointName = 2048  // bytes
)

func (s State) validateProfiles() error {
	if len(s.Profiles) > maxProfiles {
		return fmt.Errorf("more than %d profiles", maxProfiles)
	}
	if len(s.Profiles) > 0 && len(s.LAN) == 0 {
		return errors.New("profile without a LAN interface")
	}
	seen := make(map[[6]byte]bool, len(s.Profiles))
	written, members := 0, 0
	for _, p := range s.Profiles {
		if seen[p.MAC] {
			return fmt.Errorf("two profiles of %x", p.MAC)
		}
		seen[p.MAC] = true
		if err := p.validate(); err != nil {
			return fmt.Errorf("profile of %x: %w", p.MAC, err)
		}
		written += p.weight()
		for _, party := range p.Sets {
			members += len(party.Prefixes) + len(party.MACs)
		}
	}
	if written > maxWritten || members > maxAllParties {
		return fmt.Errorf("more than %d rules or %d addresses in all profiles", maxWritten, maxAllParties)
	}
	return nil
}

func (p Profile) validate() error {
	switch {
	case p.Mode != Watch && p.Mode != Enforce:
		return fmt.Errorf("mode %q is none: write watch or enforce", p.Mode)
	case len(p.Policy.From)+len(p.Policy.To) > maxRules:
		return fmt.Errorf("more than %d rules", maxRules)
	case len(p.Addresses) > maxAddresses:
		return fmt.Errorf("more than %d addresses", maxAddresses)
	}
	for e, party := range p.Sets {
		if err := party.validate(e); err != nil {
			return fmt.Errorf("%s %q: %w", e.Kind, e.Name, err)
		}
	}
	for _, a := range p.Addresses {
		if !a.IsValid() {
			return errors.New("an address that is none")
		}
	}
	return validDevice(p.MAC)
}

func (p Party) validate(e mud.Endpoint) error {
	if len(p.Prefixes)+len(p.MACs) > maxParty || len(e.Name) > maxEndpointName {
		return fmt.Errorf("more than %d members, or a name of more than %d bytes", maxParty, maxEndpointName)
	}
	for _, prefix := range p.Prefixes {
		if !prefix.IsValid() {
			return errors.New("a prefix that is none")
		}
		if e.Kind == mud.Name && !prefix.IsSingleIP() {
			return fmt.Errorf("%s is more than one address", prefix)
		}
	}
	for _, mac := range p.MACs {
		if err := validDevice(mac); err != nil {
			return err
		}
	}
	return nil
}
