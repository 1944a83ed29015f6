// Package culprit finds the device that a provider complains of: NAT hides it, so it is known by the outside address
// and port that it had, by what it talked to, and by when. It is pure: flows come in, suspects come out.
package culprit

import (
	"bytes"
	"net/netip"
	"sort"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/dots/wire"
)

// Window is how long ago a flow may have ended to be the one that is meant. Whoever watches flows hears of a long one
// every five minutes at the latest (the usual active timeout of IPFIX exporters), and takes as long again to add up,
// judge and ask. Later the router may have given the port to another device.
const Window = 10 * time.Minute

// The shortest prefixes of a target that somebody may be held back for unasked: what a site of one owner has.
const (
	narrow4 = 24
	narrow6 = 48
)

// Case is what was asked, and what the home knows that may answer it.
type Case struct {
	wire.Scope
	At    time.Time      // when it was asked
	Flows []capture.Flow // live ones, and those of the past
	// Owners are the devices that are known to have used an address of the home.
	Owners func(netip.Addr) []packet.MAC
}

// Suspect is a device that may be the one, and why.
type Suspect struct {
	MAC packet.MAC
	Why say.Phrase
}

// Finding is who it may be.
type Finding struct {
	Suspects []Suspect // by MAC
	// Doubt is why a person has to say what to do; empty: it is the one suspect.
	Doubt say.Phrase
	// Early says that flows are not told apart yet: their way through NAT is not known. Looking again may help.
	Early bool
}

// Find names the devices that a case points to.
func (c Case) Find() Finding {
	found := c.matches()
	if len(found.clues) == 0 && !found.stranger && !found.early {
		found.clues = c.byAddress()
	}
	f := Finding{Early: found.early}
	for mac, clue := range found.clues {
		f.Suspects = append(f.Suspects, Suspect{mac, clue.why(c)})
	}
	sort.Slice(f.Suspects, func(i, j int) bool { return bytes.Compare(f.Suspects[i].MAC[:], f.Suspects[j].MAC[:]) < 0 })
	f.Doubt = c.doubt(f.Suspects, found)
	return f
}

func (c Case) doubt(suspects []Suspect, found matches) say.Phrase {
	switch wide := c.wide(); {
	case len(suspects) == 0:
		return say.Phrase{}
	case len(suspects) > 1:
		return say.New("ask.count", len(suspects))
	case found.stranger:
		return say.New("ask.stranger")
	case found.unseen:
		return say.New("ask.unseen")
	case wide.IsValid():
		return say.New("ask.wide", wide.String())
	case found.early:
		return say.New("ask.early")
	}
	return say.Phrase{}
}

// wide is a target that is more than one site; not valid where there is none.
func (c Case) wide() netip.Prefix {
	for _, t := range c.Targets {
		if t.Addr().Is4() && t.Bits() < narrow4 || !t.Addr().Is4() && t.Bits() < narrow6 {
			return t
		}
	}
	return netip.Prefix{}
}

// byAddress is for sources that NAT does not hide: an IPv6 address is one device's, also where no flow was seen.
func (c Case) byAddress() map[packet.MAC]*clue {
	clues := map[packet.MAC]*clue{}
	for _, source := range c.Sources {
		if !source.IsSingleIP() || source.Addr().Is4() {
			continue
		}
		for _, mac := range c.Owners(source.Addr()) {
			clues[mac] = &clue{address: source.Addr()}
		}
	}
	return clues
}
