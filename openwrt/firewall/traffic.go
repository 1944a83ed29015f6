package firewall

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Traffic of devices is held in sets of intervals, by MAC, address and what follows; which sets there are
// depends on what the targets name. The address and the port are the far side's, so that one set serves both
// directions.

// kind is a way in which targets name traffic; there is one set for each.
type kind struct {
	v6   bool
	form form
}

type form int

const (
	byPort     form = iota // MAC . address . protocol . port
	byProtocol             // MAC . address . protocol: fragments have no ports
	byType                 // MAC . address . ICMP type
)

// kinds are all kinds, in the order in which they are listed and looked at.
var kinds = []kind{
	{false, byPort}, {false, byProtocol}, {false, byType}, {true, byPort}, {true, byProtocol}, {true, byType},
}

// setName is the name of the set of a kind: flow4, flow4_any, flow4_icmp, flow6 and so on.
func (k kind) setName(prefix string) string {
	family := "4"
	if k.v6 {
		family = "6"
	}
	return prefix + family + [...]string{byPort: "", byProtocol: "_any", byType: "_icmp"}[k.form]
}

func (k kind) comment() string {
	return [...]string{byPort: "device, far side and its port", byProtocol: "device, far side, all ports", byType: "device, far side, ICMP type"}[k.form]
}

func (k kind) keyType() nftables.SetDatatype {
	types := []nftables.SetDatatype{nftables.TypeEtherAddr, nftables.TypeIPAddr}
	if k.v6 {
		types[1] = nftables.TypeIP6Addr
	}
	switch {
	case k.form == byPort:
		types = append(types, nftables.TypeInetProto, nftables.TypeInetService)
	case k.form == byProtocol:
		types = append(types, nftables.TypeInetProto)
	case k.v6:
		types = append(types, nftables.TypeICMP6Type)
	default:
		types = append(types, nftables.TypeICMPType)
	}
	return nftables.MustConcatSetType(types...)
}

// place is where a claim competes with others: pieces of different places cannot overlap.
type place struct {
	kind
	protocol uint8 // byPort only
	mac      [6]byte
}

func comparePlaces(a, b place) int {
	if c := slices.Index(kinds, a.kind) - slices.Index(kinds, b.kind); c != 0 {
		return c
	}
	if c := bytes.Compare(a.mac[:], b.mac[:]); c != 0 {
		return c
	}
	return int(a.protocol) - int(b.protocol)
}

// claims adds what t asks for.
func (t Target) claims(to map[place][]claim, mac [6]byte, by int) {
	at := place{kind: kind{v6: !t.is4()}, mac: mac}
	c := claim{by: by}
	c.lo, c.hi = t.span()
	switch {
	case t.somePorts():
		c.first, c.last = t.FirstPort, t.LastPort
		for _, p := range withPorts {
			if t.Protocol == 0 || t.Protocol == p {
				at.protocol = p
				to[at] = append(to[at], c)
			}
		}
		return
	case t.isICMP() && t.ICMPType >= 0:
		at.form, c.first, c.last = byType, uint16(t.ICMPType), uint16(t.ICMPType)
	case t.Protocol != 0:
		at.form, c.first, c.last = byProtocol, uint16(t.Protocol), uint16(t.Protocol)
	default:
		at.form, c.first, c.last = byProtocol, 0, 255
	}
	to[at] = append(to[at], c)
}

// traffic are the elements of the sets of one purpose, those that have any.
type traffic map[kind][]element

func (tr traffic) has(v6 bool) bool {
	for k := range tr {
		if k.v6 == v6 {
			return true
		}
	}
	return false
}

// element is an element of a set and the quarantines that it is there for, by their IDs.
type element struct {
	nftables.SetElement
	owners []string
}

// trafficOf makes the elements for the targets of qs, without overlaps. Where several quarantines ask for the
// same, the element is for all of them and lasts as long as the last.
func trafficOf(qs []Quarantine, now time.Time, targets func(Quarantine) []Target) traffic {
	out := traffic{}
	forEachPiece(qs, targets, func(at place, p piece) {
		var all device
		for i, by := range p.by {
			left := remaining(qs[by], now)
			if i == 0 {
				all.left = left
			}
			all.add(qs[by], left)
		}
		e := element{owners: all.ids}
		e.Timeout, e.Comment = all.left, all.comment()
		e.Key, e.KeyEnd = at.key(p.lo, p.first), at.key(p.hi, p.last)
		out[at.kind] = append(out[at.kind], e)
	})
	return out
}

// forEachPiece cuts the targets of qs into pieces, in the order of the sets.
func forEachPiece(qs []Quarantine, targets func(Quarantine) []Target, fn func(place, piece)) {
	claims := map[place][]claim{}
	for i, q := range qs {
		for _, t := range targets(q) {
			t.claims(claims, q.MAC, i)
		}
	}
	places := make([]place, 0, len(claims))
	for at := range claims {
		places = append(places, at)
	}
	sort.Slice(places, func(i, j int) bool { return comparePlaces(places[i], places[j]) < 0 })
	for _, at := range places {
		for _, p := range disjoint(claims[at]) {
			fn(at, p)
		}
	}
}

// key is one end of an interval, as the registers hold it.
func (at place) key(a netip.Addr, number uint16) []byte {
	key := append(pad(at.mac[:]), a.AsSlice()...)
	if at.form != byPort {
		return append(key, pad([]byte{byte(number)})...)
	}
	key = append(key, pad([]byte{at.protocol})...)
	return append(key, pad(binary.BigEndian.AppendUint16(nil, number))...)
}

// addTrafficSets adds a set for each kind of tr. Where counted, an element counts the packets that it matched.
func (t *table) addTrafficSets(prefix, comment string, tr traffic, counted bool) {
	for _, k := range kinds {
		if len(tr[k]) == 0 {
			continue
		}
		s := set{refilled: true, spec: nftables.Set{
			Name: k.setName(prefix), Comment: fmt.Sprintf("%s: %s", comment, k.comment()), KeyType: k.keyType(),
			Concatenation: true, Interval: true, HasTimeout: true, Counter: counted,
		}}
		for _, e := range tr[k] {
			s.elements = append(s.elements, e.SetElement)
			s.owners = append(s.owners, e.owners)
		}
		t.addSet(s)
	}
}

// direction of a packet, from or to the device.
type direction int

const (
	from direction = iota
	to
)

// trafficRules does the same with all packets in one direction that tr holds.
func (t *table) trafficRules(prefix string, tr traffic, d direction, then []expr.Any) []rule {
	var rules []rule
	for _, k := range kinds {
		if len(tr[k]) > 0 {
			rules = append(rules, say("", t.trafficIn(k, d, k.setName(prefix)), then))
		}
	}
	return rules
}

// trafficIn looks up a packet: the device's MAC, the far side's address, and what the kind has.
func (t *table) trafficIn(k kind, d direction, name string) []expr.Any {
	words := t.version(k.v6)
	if k.form == byType {
		words = append(words, protocol(k.icmp())...)
	}
	if d == from {
		words = append(words, t.fromEthernet()...)
	} else {
		words = append(words, t.toEthernet()...)
	}
	mac, address, port := [...]uint32{from: 6, to: 0}[d], k.addressAt(d), [...]uint32{from: 2, to: 0}[d]
	next := uint32(unix.NFT_REG32_02) // after the MAC, which has two of 32 bits
	load := func(base expr.PayloadBase, offset, length uint32) {
		words = append(words, &expr.Payload{DestRegister: next, Base: base, Offset: offset, Len: length})
		next += (length + 3) / 4
	}
	words = append(words, &expr.Payload{DestRegister: reg, Base: expr.PayloadBaseLLHeader, Offset: mac, Len: 6})
	load(expr.PayloadBaseNetworkHeader, address, k.addressLength())
	if k.form == byType {
		load(expr.PayloadBaseTransportHeader, 0, 1)
		return append(words, lookup(name))
	}
	words = append(words, &expr.Meta{Key: expr.MetaKeyL4PROTO, Register: next})
	next++
	if k.form == byPort {
		load(expr.PayloadBaseTransportHeader, port, 2)
	}
	return append(words, lookup(name))
}

func (k kind) icmp() byte {
	if k.v6 {
		return unix.IPPROTO_ICMPV6
	}
	return unix.IPPROTO_ICMP
}

// addressAt is where a header has the far side's address: the destination of what the device sends.
func (k kind) addressAt(d direction) uint32 {
	if k.v6 {
		return [...]uint32{from: 24, to: 8}[d]
	}
	return [...]uint32{from: 16, to: 12}[d]
}

func (k kind) addressLength() uint32 {
	if k.v6 {
		return 16
	}
	return 4
}
