// Package firewall holds the tables inet spinneret and bridge spinneret, and for profiles inet spinneret_mud and bridge
// spinneret_mud, in the state that it is told: the whole desired state goes in, one nftables transaction comes out.
package firewall

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Level is how much of a device's traffic is stopped.
type Level string

// The levels of DESIGN section 5.
const (
	Full     Level = "full"
	Internet Level = "internet"
	Flow     Level = "flow"
)

// State is all that the kernel is to hold for us. The zero State means no tables at all; neither logging nor
// quarantine is possible without a LAN.
type State struct {
	LAN         []LAN
	WAN         []string // interface names
	Log         Log
	Quarantines []Quarantine
	Profiles    []Profile // one of a device at most
	memory      *memory   // of the Firewall that it is for; nil: none
	awake       time.Time // until when answers are sent on
	// NoMappings are devices whose requests for port mappings the router is not to hear: UPnP's questions and
	// its control port, NAT-PMP (RFC 6886) and PCP (RFC 6887). Nothing else of them is touched.
	NoMappings [][6]byte
	UPnPPorts  []uint16 // TCP, of the router's UPnP control; nil: 5000, as miniupnpd has it
	// PagePorts are the TCP ports of the router on which the page is. They are closed to all but the router itself,
	// the LAN and the interfaces in PageFrom.
	PagePorts []uint16
	PageFrom  []string
}

// LAN is one interface of the home: a bridge with its ports, a VLAN of one, or a plain interface without.
type LAN struct {
	Name   string
	Ports  []string       // of the bridge; empty for a plain interface
	VLAN   bool           // it is one of the bridge, by more of whose ports its devices may come
	Router []netip.Prefix // the router's own addresses on it
}

// Log says what capture wants to see, and where. Groups are nflog groups; 0 turns the rule off.
type Log struct {
	Group    uint16 // packets, cut to a snaplen
	DNSGroup uint16 // DNS and DHCP, whole, each at once
	First    bool   // of each connection the first packets only: conntrack counts the rest
	// LooseGroup is for packets of no connection, which conntrack does not count, where Group has the first ones only.
	LooseGroup uint16
	Inside     uint16 // what is new on the home's bridges, which is counted then: see Firewall.Passed
	Tried      uint16 // whom devices that are cut off try to reach all the same; a few packets a second of each
	Mud        uint16 // packets that a profile does not allow, see ParseViolation; a few a second of each device
	Hold       uint16 // answers of DNS that are taken out for who sends them on, see Firewall.Awake
	Rate       uint32 // packets a second, 0 for 1000; what is skipped is counted
}

// Quarantine is one reason why one device is cut off. Several of one device add up: a packet passes if all of
// them let it.
type Quarantine struct {
	ID    string
	MAC   [6]byte
	Level Level
	Until time.Time  // zero: until released
	Lease netip.Addr // the device's own IPv4 lease, not valid where it has none
	// Addresses are all addresses that the device ever used: their conntrack entries go.
	Addresses []netip.Addr
	To        []Target // what level Flow stops, from and to the device; other levels have none
	// Except is what passes all the same, from and to the device; level Flow has none. At Internet it is what the
	// router forwards to and from these targets. At Full it is the same, and what that takes: the device and the
	// router may find each other by ARP, and by ND where an exception is of IPv6, from the device's own lease and
	// Addresses. Devices on the same bridge stay out of reach at Full, and the router itself is no exception at
	// either level. Where quarantines of one level and device differ, only what all of them except passes.
	Except []Target
}

// Limits of a State: far above any home, low enough that one transaction stays small.
const (
	maxInterfaces  = 64
	maxQuarantines = 1024
	maxAddresses   = 256 // of one quarantine
	maxID          = 32  // bytes
	maxTargets     = 64  // of one quarantine, as of its exceptions
	maxAtDevice    = 128 // of all quarantines of one device, so that cutting them up stays cheap
	maxPieces      = 4096
	maxUPnPPorts   = 16
)

// Validate says what is wrong with s. Apply changes nothing for a State that does not pass.
func (s State) Validate() error {
	if len(s.LAN) > maxInterfaces || len(s.WAN) > maxInterfaces {
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	if len(s.Quarantines) > maxQuarantines {
		return fmt.Errorf("more than %d quarantines", maxQuarantines)
	}
	if len(s.Quarantines) > 0 && len(s.LAN) == 0 {
		return errors.New("quarantine without a LAN interface")
	}
	for _, l := range s.LAN {
		if err := l.validate(); err != nil {
			return err
		}
	}
	for _, name := range s.WAN {
		if err := validInterface(name); err != nil {
			return err
		}
	}
	if err := s.validateMappings(); err != nil {
		return err
	}
	if err := s.validatePage(); err != nil {
		return err
	}
	if err := s.validateProfiles(); err != nil {
		return err
	}
	return validateQuarantines(s.Quarantines)
}

func (s State) validateMappings() error {
	if len(s.NoMappings) > maxQuarantines || len(s.UPnPPorts) > maxUPnPPorts {
		return fmt.Errorf("more than %d devices without port mappings, or %d ports of UPnP", maxQuarantines, maxUPnPPorts)
	}
	for _, mac := range s.NoMappings {
		if err := validDevice(mac); err != nil {
			return fmt.Errorf("port mappings: %w", err)
		}
	}
	if len(s.NoMappings) > 0 && len(s.LAN) == 0 {
		return errors.New("port mappings without a LAN interface")
	}
	return nil
}

func (l LAN) validate() error {
	if len(l.Ports) > maxInterfaces {
		return fmt.Errorf("more than %d ports of %q", maxInterfaces, l.Name)
	}
	for _, name := range append([]string{l.Name}, l.Ports...) {
		if err := validInterface(name); err != nil {
			return err
		}
	}
	return nil
}

func validateQuarantines(qs []Quarantine) error {
	seen := make(map[string]bool, len(qs))
	for _, q := range qs {
		if seen[q.ID] {
			return fmt.Errorf("two quarantines with the id %q", q.ID)
		}
		seen[q.ID] = true
		if err := q.validate(); err != nil {
			return fmt.Errorf("quarantine %q: %w", q.ID, err)
		}
	}
	return validateTargets(qs)
}

// validateTargets wants few enough targets, also once they are cut into pieces.
func validateTargets(qs []Quarantine) error {
	targets := map[[6]byte]int{}
	for _, q := range qs {
		if targets[q.MAC] += len(q.To) + len(q.Except); targets[q.MAC] > maxAtDevice {
			return fmt.Errorf("more than %d targets and exceptions of one device", maxAtDevice)
		}
	}
	pieces := 0
	for _, of := range []func(Quarantine) []Target{flowTargets, exceptionsAt(Full), exceptionsAt(Internet)} {
		forEachPiece(qs, of, func(place, piece) { pieces++ })
	}
	if pieces > maxPieces {
		return fmt.Errorf("targets overlap in more than %d ways", maxPieces)
	}
	return nil
}

func (q Quarantine) validate() error {
	switch {
	case q.ID == "" || len(q.ID) > maxID || strings.ContainsFunc(q.ID, notWord):
		return fmt.Errorf("an id is 1 to %d letters, digits, dots, dashes or underscores", maxID)
	case q.Level != Full && q.Level != Internet && q.Level != Flow:
		return fmt.Errorf("level %q is not one that this firewall knows", q.Level)
	case len(q.Addresses) > maxAddresses:
		return fmt.Errorf("more than %d addresses", maxAddresses)
	case len(q.To) > maxTargets || len(q.Except) > maxTargets:
		return fmt.Errorf("more than %d targets or exceptions", maxTargets)
	case q.Level == Flow && (len(q.To) == 0 || len(q.Except) > 0):
		return errors.New("level flow has targets and no exceptions")
	case q.Level != Flow && len(q.To) > 0:
		return fmt.Errorf("level %s stops more than its targets", q.Level)
	}
	for _, t := range slices.Concat(q.To, q.Except) {
		if err := t.validate(); err != nil {
			return err
		}
	}
	return validDevice(q.MAC)
}

func validDevice(mac [6]byte) error {
	if mac == [6]byte{} || mac[0]&1 != 0 {
		return fmt.Errorf("%x is not the address of one device", mac)
	}
	return nil
}

// validInterface wants a name that the kernel can have (IFNAMSIZ is 16 with its zero) and nft can print.
func validInterface(name string) error {
	if name == "" || len(name) > 15 || strings.ContainsFunc(name, notWord) {
		return fmt.Errorf("%q cannot be an interface", name)
	}
	return nil
}

func notWord(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
}
