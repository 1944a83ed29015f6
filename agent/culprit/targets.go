package culprit

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"

	"spinneret/dots/wire"
)

// maxTargets is how much one quarantine may name, as the contract has it.
const maxTargets = 64

// The protocols that the contract has words for, by their IANA numbers.
var protocolNames = map[uint8]string{1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}

const icmp, icmpv6 = 1, 58

// Targets are a scope's in the words of the contract: what is to be stopped of the device that is found. The error
// says what of it cannot be stopped and nothing beside it.
func Targets(s wire.Scope) ([]string, error) {
	var list []string
	for _, prefix := range s.Targets {
		for _, protocol := range orAny(s.Protocols) {
			name, known := protocolNames[protocol]
			if !known && protocol != 0 {
				return nil, fmt.Errorf("protocol %d cannot be stopped by itself", protocol)
			}
			if protocol == icmp && !prefix.Addr().Is4() || protocol == icmpv6 && prefix.Addr().Is4() {
				continue // there is no such traffic
			}
			list = append(list, targets(prefix, protocol, name, s)...)
			if len(list) > maxTargets {
				return nil, fmt.Errorf("it names more than %d targets", maxTargets)
			}
		}
	}
	if len(list) == 0 {
		return nil, errors.New("it names no traffic that there can be")
	}
	return list, nil
}

// targets are those of one prefix and protocol.
func targets(prefix netip.Prefix, protocol uint8, name string, s wire.Scope) (list []string) {
	switch {
	case protocol == icmp || protocol == icmpv6:
		if len(s.SourceICMP) == 0 {
			return []string{plain(prefix) + "/" + name}
		}
		for _, r := range s.SourceICMP {
			for t := int(r.Lower); t <= int(r.Upper) && len(list) <= maxTargets; t++ {
				list = append(list, plain(prefix)+"/"+name+"="+strconv.Itoa(t))
			}
		}
		return list
	case len(s.TargetPorts) == 0:
		return []string{plain(prefix) + slash(name)}
	}
	for _, r := range s.TargetPorts {
		if r.Upper > 0 {
			list = append(list, bracketed(prefix)+":"+ports(max(r.Lower, 1), r.Upper)+slash(name))
		}
	}
	return list
}

// Sources are a scope's, with their ports, for people to read.
func Sources(s wire.Scope) (list []string) {
	for _, p := range s.Sources {
		if len(s.SourcePorts) == 0 {
			list = append(list, plain(p))
			continue
		}
		for _, r := range s.SourcePorts {
			list = append(list, bracketed(p)+":"+ports(r.Lower, r.Upper))
		}
	}
	return list
}

func orAny(protocols []uint8) []uint8 {
	if len(protocols) == 0 {
		return []uint8{0}
	}
	list := slices.Clone(protocols)
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return slices.Compact(list)
}

func slash(name string) string {
	if name == "" {
		return ""
	}
	return "/" + name
}

// plain is a prefix; of one address, the address.
func plain(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// bracketed is a prefix that a port can follow.
func bracketed(p netip.Prefix) string {
	if p.Addr().Is6() {
		return "[" + plain(p) + "]"
	}
	return plain(p)
}

func ports(first, last uint16) string {
	if first == last {
		return strconv.Itoa(int(first))
	}
	return strconv.Itoa(int(first)) + "-" + strconv.Itoa(int(last))
}
