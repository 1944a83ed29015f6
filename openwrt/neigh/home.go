package neigh

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// ErrNoLAN says that nobody told which interfaces are the home's.
var ErrNoLAN = errors.New("no lan interface is configured")

// MissingError names a configured interface that the kernel does not have.
type MissingError struct {
	Role string // "lan" or "wan"
	Name string
	Have []string // the interfaces that exist, without loopback
}

// Error says which interface is missing and which there are.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s interface %q does not exist: this machine has %s", e.Role, e.Name, strings.Join(e.Have, ", "))
}

// LAN is one interface of the home.
type LAN struct {
	Index int32
	Name  string
	Ports []string       // names, where it is a bridge or a VLAN of one; in order
	VLAN  uint16         // its number, where the bridge of Ports has others too; else 0
	Addrs []netip.Prefix // the router's own addresses on it, each with its prefix length
}

// Home is what a Snapshot says about the home behind the configured interfaces.
type Home struct {
	LAN         []LAN
	WAN         []string       // names
	Indexes     []int32        // of the LAN interfaces and of their bridge ports
	Prefixes    []netip.Prefix // of the LAN, masked; link-local ones are left out, they are on every link
	RouterAddrs []netip.Addr   // all addresses of the router, on whatever interface
	RouterMACs  [][6]byte      // of all the router's own links
	NextHops    [][6]byte      // MACs of the default routes' gateways, as far as they are resolved
	Neighbours  []Neighbour    // of the LAN interfaces, the router itself and its gateways left out

	Stations []Station        // of the LAN's bridges, the router itself left out
	Moves    []Move           // between ports of the LAN's bridges, as in Snapshot
	Ports    map[int32]string // names of all bridge ports of the LAN by index
}

// Home finds the home behind the interfaces lan and wan, given by kernel name; no wan means whatever holds a default
// route and is no LAN interface. It returns ErrNoLAN without lan, and a *MissingError beside all that it could
// find where an interface does not exist: a wan that dials in comes and goes.
func (s Snapshot) Home(lan, wan []string) (Home, error) {
	if len(lan) == 0 {
		return Home{}, ErrNoLAN
	}
	h := Home{Ports: map[int32]string{}}
	lans, lanErr := s.links("lan", lan)
	if err := s.checkLAN(lans); err != nil {
		return Home{}, err
	}
	wans, wanErr := s.links("wan", wan)
	if len(wan) == 0 {
		wans = s.defaultLinks()
	}
	var uplinks []Link
	for _, l := range wans {
		if !slices.ContainsFunc(lans, func(x Link) bool { return x.Index == l.Index }) {
			h.WAN, uplinks = append(h.WAN, l.Name), append(uplinks, l)
		} else if len(wan) > 0 {
			return Home{}, fmt.Errorf("interface %q is both lan and wan: take it off one list", l.Name)
		}
	}
	for _, l := range lans {
		h.addLAN(s, l, uplinks)
	}
	h.addRouter(s)
	h.addNeighbours(s)
	h.addStations(s)
	if lanErr != nil {
		return h, lanErr
	}
	return h, wanErr
}

// links finds the links of those names, each once, and the first name that there is none for.
func (s Snapshot) links(role string, names []string) (links []Link, err error) {
	for _, name := range names {
		i := slices.IndexFunc(s.Links, func(l Link) bool { return l.Name == name })
		switch {
		case i >= 0 && !slices.Contains(links, s.Links[i]):
			links = append(links, s.Links[i])
		case i < 0 && err == nil:
			err = &MissingError{Role: role, Name: name, Have: s.names()}
		}
	}
	return links, err
}

// checkLAN refuses the port of a bridge: its packets reach the router through the bridge, under the bridge's name.
func (s Snapshot) checkLAN(lans []Link) error {
	for _, l := range lans {
		for _, bridge := range s.Links {
			if l.Master == bridge.Index && bridge.Kind == "bridge" {
				return fmt.Errorf("lan interface %q is a port of the bridge %q: write list lan '%s'", l.Name, bridge.Name, bridge.Name)
			}
		}
	}
	return nil
}

// names lists all interfaces but loopback.
func (s Snapshot) names() (names []string) {
	for _, l := range s.Links {
		if l.Name != "lo" {
			names = append(names, l.Name)
		}
	}
	return names
}

// defaultLinks are the links that hold a default route, in order of index.
func (s Snapshot) defaultLinks() (links []Link) {
	for _, l := range s.Links {
		if slices.ContainsFunc(s.Defaults, func(d Default) bool { return d.Index == l.Index }) {
			links = append(links, l)
		}
	}
	return links
}

func (h *Home) addLAN(s Snapshot, l Link, uplinks []Link) {
	lan := LAN{Index: l.Index, Name: l.Name}
	h.Indexes = append(h.Indexes, l.Index)
	for _, port := range s.ports(l, uplinks) {
		lan.Ports, lan.VLAN = append(lan.Ports, port.Name), l.VLAN
		if _, known := h.Ports[port.Index]; !known { // two VLANs may share one
			h.Ports[port.Index] = port.Name
			h.Indexes = append(h.Indexes, port.Index)
		}
	}
	slices.Sort(lan.Ports)
	for _, a := range s.Addrs {
		if a.Index != l.Index {
			continue
		}
		lan.Addrs = append(lan.Addrs, a.Prefix)
		// A prefix of no length would make the whole internet the home's.
		if p := a.Prefix.Masked(); p.Bits() > 0 && !p.Addr().IsLinkLocalUnicast() && !slices.Contains(h.Prefixes, p) {
			h.Prefixes = append(h.Prefixes, p)
		}
	}
	h.LAN = append(h.LAN, lan)
}

// addRouter collects what is the router's own, and the gateways that it sends to.
func (h *Home) addRouter(s Snapshot) {
	for _, a := range s.Addrs {
		h.RouterAddrs = append(h.RouterAddrs, a.Prefix.Addr())
	}
	for _, l := range s.Links {
		if isUnicast(l.MAC) {
			h.RouterMACs = append(h.RouterMACs, l.MAC)
		}
	}
	for _, n := range s.Neighbours {
		if slices.Contains(s.Defaults, Default{n.Index, n.Addr}) {
			h.NextHops = append(h.NextHops, n.MAC)
		}
	}
	h.RouterAddrs = unique(h.RouterAddrs, netip.Addr.Compare)
	h.RouterMACs = unique(h.RouterMACs, compareMACs)
	h.NextHops = unique(h.NextHops, compareMACs)
}

func (h *Home) addNeighbours(s Snapshot) {
	for _, n := range s.Neighbours {
		onLAN := slices.ContainsFunc(h.LAN, func(l LAN) bool { return l.Index == n.Index })
		if onLAN && !slices.Contains(h.RouterMACs, n.MAC) && !slices.Contains(h.NextHops, n.MAC) {
			h.Neighbours = append(h.Neighbours, n)
		}
	}
}

func (h *Home) addStations(s Snapshot) {
	for _, st := range s.Stations {
		if _, onLAN := h.Ports[st.Port]; onLAN && !slices.Contains(h.RouterMACs, st.MAC) {
			h.Stations = append(h.Stations, st)
		}
	}
	for _, m := range s.Moves {
		if _, onLAN := h.Ports[m.To]; onLAN {
			h.Moves = append(h.Moves, m)
		}
	}
}

func unique[T comparable](list []T, order func(a, b T) int) []T {
	sort.Slice(list, func(i, j int) bool { return order(list[i], list[j]) < 0 })
	return slices.Compact(list)
}

func compareMACs(a, b [6]byte) int { return bytes.Compare(a[:], b[:]) }
