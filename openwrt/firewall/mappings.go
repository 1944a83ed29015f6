package firewall

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// setMappings holds the devices whose requests for port mappings the router is not to hear.
const setMappings = "no_mappings"

// Ports on which a router hears such requests.
const (
	portSSDP = 1900 // UPnP Device Architecture 1.1, section 1
	portPCP  = 5351 // RFC 6887 section 19; NAT-PMP has the same
	portUPnP = 5000 // miniupnpd's, for want of a registered one

)

// addMappings adds the set and returns the rules of input. Looking up the device comes last, so that its
// element counts only what is dropped.
func (t *table) addMappings(s State) []rule {
	if len(s.NoMappings) == 0 {
		return nil
	}
	macs := set{refilled: true, spec: nftables.Set{
		Name: setMappings, Comment: "devices that may not have ports opened", KeyType: nftables.TypeEtherAddr, Counter: true,
	}}
	for _, mac := range onceEach(s.NoMappings) {
		macs.elements = append(macs.elements, nftables.SetElement{Key: slices.Clone(mac[:])})
	}
	t.addSet(macs)
	t.addSet(ports(idMappings, []uint16{portSSDP, portPCP}))
	t.addSet(ports(idUPnP, s.upnpPorts()))
	return []rule{
		say("questions for port mappings", iifIn(setEntries), protocol(unix.IPPROTO_UDP), destinationPortIn(idMappings), t.sourceIn(setMappings), drop()),
		say("", iifIn(setEntries), protocol(unix.IPPROTO_TCP), destinationPortIn(idUPnP), t.sourceIn(setMappings), drop()),
	}
}

func (s State) upnpPorts() []uint16 {
	if len(s.UPnPPorts) == 0 {
		return []uint16{portUPnP}
	}
	out := slices.Clone(s.UPnPPorts)
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return slices.Compact(out)
}

func onceEach(macs [][6]byte) [][6]byte {
	out := slices.Clone(macs)
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i][:], out[j][:]) < 0 })
	return slices.Compact(out)
}

// ports is a set of ports in braces within one rule.
func ports(id uint32, list []uint16) set {
	s := anonymousSet(id, nftables.TypeInetService)
	for _, p := range list {
		s.elements = append(s.elements, nftables.SetElement{Key: binary.BigEndian.AppendUint16(nil, p)})
	}
	return s
}
