package firewall

import (
	"bytes"
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/google/nftables"
)

// Level full: nothing from the device and nothing to it, but for two things that pass between it and the
// router only, so that its lease lives and it comes back at once when it is released: ARP requests for the
// router's address that tell the truth about the device, and DHCP, at most two packets a second.
//
// It is dropped where a frame first shows itself with its source MAC: in bridge prerouting, before the bridge
// learns, floods or routes; on an interface without a bridge in netdev ingress, which sees the same frames at
// the same moment, ARP included. (Tables of family inet see no ARP, of family arp no IP: it would take both.)
// What goes to the device is dropped in bridge forward and output, or netdev egress: there the frame has its
// destination MAC, which no inet chain knows. Table inet repeats the first half in prerouting, for ports that
// joined the bridge a moment ago and for kernels without the bridge family. What exceptions add is in
// full_except.go.

// dhcpRate is what a cut-off device may ask of the DHCP server, in packets a second.
const dhcpRate = 2

// The sets of level full, one of each in every table that drops.
const (
	setFull    = "full"
	setRefused = "full_refused" // the same MACs again: an element counts each time it is looked up
	setLease   = "full_lease"
	setDHCP    = "full_dhcp"
	setRouter  = "router"
	setServer  = "dhcp_server"
)

const (
	chainFromFull = "from_full"
	chainToFull   = "to_full"
)

// MACs and leases of the level, as elements of its sets.
type fullElements struct {
	macs   []element
	leases []nftables.SetElement
	except traffic
	own6   []nftables.SetElement // addresses of devices with exceptions of IPv6
}

func elementsOfFull(qs []Quarantine, now time.Time) fullElements {
	e := fullElements{macs: macsAt(Full, qs, now), except: exceptionsOf(Full, qs, now)}
	for _, d := range devicesAt(Full, qs, now) {
		for _, lease := range d.leases {
			key := slices.Concat(pad(d.mac[:]), pad(d.mac[:]), lease.AsSlice())
			e.leases = append(e.leases, nftables.SetElement{Key: key, Timeout: d.left})
		}
	}
	if e.except.has(true) {
		e.own6 = ownAddresses(qs, now)
	}
	return e
}

// pad fills a part of a concatenation up to whole 32-bit registers.
func pad(b []byte) []byte {
	return append(slices.Clone(b), make([]byte, (4-len(b)%4)%4)...)
}

func (t *table) addFullSets(lan []LAN, e fullElements) {
	router := routerAddresses(lan)
	t.addSet(addresses(setServer, "where its DHCP server listens", nftables.TypeIPAddr, append(router, netip.AddrFrom4([4]byte{255, 255, 255, 255}))))
	t.addMACs(setFull, "devices that are cut off", e.macs, false)
	t.addMACs(setRefused, "counts what was refused to them", e.macs, true)
	t.addSet(set{spec: nftables.Set{
		Name: setDHCP, Comment: "how fast each of them asks for a lease", KeyType: nftables.TypeEtherAddr,
		HasTimeout: true, Timeout: time.Minute, Dynamic: true, Size: maxQuarantines,
	}})
	t.addExceptSets(e)
}

func (t *table) addLeaseSet(e fullElements) {
	t.addSet(set{refilled: true, elements: e.leases, spec: nftables.Set{
		Name: setLease, Comment: "frame's source, ARP sender's MAC and address", HasTimeout: true, Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeEtherAddr, nftables.TypeEtherAddr, nftables.TypeIPAddr),
	}})
}

// addFromFull adds the chain for frames that a cut-off device sent.
func (t *table) addFromFull(e fullElements) {
	var rules []rule
	if t.family != nftables.TableFamilyINet {
		rules = append(rules, say(
			"it may ask who the router is",
			t.arp(1), arpSenderIn(setLease), arpTargetIn(setRouter), leave(),
		))
	}
	rules = append(rules, say("and ask for its lease, slowly",
		t.ipv4(), ipDestinationIn(setServer), ipWhole(), udpPorts(68, 67), t.perSource(setDHCP, dhcpRate), leave()))
	rules = append(rules, t.exceptFromFull(e)...)
	t.addChain(chainFromFull, nil, append(rules, t.refuse(setRefused, from)...)...)
}

// addToFull adds the chain for frames of the router, its own and routed ones, to a cut-off device.
func (t *table) addToFull(e fullElements) {
	rules := []rule{
		say("the router says who it is", t.arp(2), leave()),
		say("and which lease it gives", t.ipv4(), ipSourceIn(setRouter), udpPorts(67, 68), leave()),
	}
	rules = append(rules, t.exceptToFull(e)...)
	t.addChain(chainToFull, nil, append(rules, t.refuse(setRefused, to)...)...)
}

// device is what all quarantines of one level ask for one MAC.
type device struct {
	mac    [6]byte
	left   time.Duration // 0: for ever
	ids    []string
	leases []netip.Addr
}

// comment names the quarantines, as far as fits into the comment of an element.
func (d device) comment() string {
	const most = 100 // nft allows 128
	var s string
	for _, id := range d.ids {
		if s == "" {
			s = id
		} else if len(s)+2+len(id) <= most {
			s += ", " + id
		}
	}
	return s
}

// devicesAt merges the quarantines of a level that have not ended: the last end counts. Sorted by MAC.
func devicesAt(level Level, qs []Quarantine, now time.Time) []device {
	byMAC := map[[6]byte]*device{}
	for _, q := range qs {
		left := remaining(q, now)
		if q.Level != level || left < 0 {
			continue
		}
		d, ok := byMAC[q.MAC]
		if !ok {
			d = &device{mac: q.MAC, left: left}
			byMAC[q.MAC] = d
		}
		d.add(q, left)
	}
	out := make([]device, 0, len(byMAC))
	for _, d := range byMAC {
		out = append(out, *d)
	}
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i].mac[:], out[j].mac[:]) < 0 })
	return out
}

func (d *device) add(q Quarantine, left time.Duration) {
	d.ids = append(d.ids, q.ID)
	if left == 0 || d.left == 0 {
		d.left = 0
	} else {
		d.left = max(d.left, left)
	}
	if lease := q.Lease.Unmap(); lease.Is4() && !slices.Contains(d.leases, lease) {
		d.leases = append(d.leases, lease)
	}
}

// remaining is the time until q ends in whole milliseconds, the kernel's unit: 0 for no end, -1 once ended.
func remaining(q Quarantine, now time.Time) time.Duration {
	if q.Until.IsZero() {
		return 0
	}
	left := q.Until.Sub(now).Truncate(time.Millisecond)
	if left <= 0 {
		return -1
	}
	return left
}

// routerAddresses are the router's own IPv4 addresses in the home, each once.
func routerAddresses(lan []LAN) []netip.Addr { return ownOfRouter(lan, false) }

func ownOfRouter(lan []LAN, v6 bool) []netip.Addr {
	var out []netip.Addr
	for _, l := range lan {
		for _, p := range l.Router {
			if a := p.Addr().Unmap().WithZone(""); a.Is4() != v6 && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out
}
