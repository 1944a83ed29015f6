package history

import (
	"math"
	"net/netip"
	"time"

	"spinneret/capture"
)

// record is one flow without pointers. With its share of names and addresses a flow of a home costs about 80
// bytes: see TestTheBudgetHolds.
type record struct {
	first              int64 // milliseconds since 1970
	rxBytes, txBytes   uint64
	lasted             uint32 // milliseconds, at most 49 days
	rxPackets          uint32 // at most 2^32-1
	txPackets          uint32
	near, far, outside uint32 // addresses
	name, owner        uint32 // labels

	device, peer                   uint16 // MACs
	nearPort, farPort, outsidePort uint16 // nearPort is the EtherType of frames without IP, and the capture.ICMP of ICMP
	flags                          flags
	proto                          uint8
}

// recordSize is the size of a record; a test compares.
const recordSize = 72

// flags are the small facts of a flow.
type flags uint16

const (
	began flags = 1 << iota // by the device
	ended
	estimated
	noIP
	towardsDevice // the first packet went to the device's port
	sure
	pending // not sure, and seen since the program started: Correct knows how far it was off

	scopeShift, sourceShift = 8, 10
	twoBits                 = 3

	allFlags flags = 1<<12 - 1
)

// pack makes a record of a flow, with references to its values.
func (s *Store) pack(f *Flow) record {
	r := record{
		first: f.First.UnixMilli(), lasted: uint32(min(max(f.Last.UnixMilli()-f.First.UnixMilli(), 0), math.MaxUint32)),
		rxBytes: f.RxBytes, txBytes: f.TxBytes, rxPackets: saturate(f.RxPackets), txPackets: saturate(f.TxPackets),
		near: s.addrs.ref(addrOf(f.DeviceAddr)), far: s.addrs.ref(addrOf(f.Remote)),
		outside: s.addrs.ref(addrOf(f.Outside.Addr())), outsidePort: f.Outside.Port(),
		name: s.labels.ref(labelOf(f.Name, f.NameSource)), owner: s.labels.ref(labelOf(f.Owner, f.OwnerSource)),
		device: uint16(s.macs.ref(mac(f.Device))), peer: uint16(s.macs.ref(mac(f.Peer))),
		nearPort: f.DevicePort, farPort: f.RemotePort,
	}
	r.setProtocol(f)
	r.setFlags(f)
	return r
}

func (r *record) setProtocol(f *Flow) {
	p := f.Protocol
	if p&capture.NoIP != 0 {
		r.flags |= noIP
		r.nearPort, r.farPort = uint16(p), 0
		return
	}
	if p.IsICMP() {
		r.nearPort = uint16(f.ICMP)
	}
	r.proto = uint8(p)
}

func (r *record) setFlags(f *Flow) {
	r.flags |= began.when(f.Out) | ended.when(f.Ended) | estimated.when(f.Estimated) | sure.when(f.Sure) |
		pending.when(!f.Sure) | towardsDevice.when(f.Port != f.RemotePort && f.Port == f.DevicePort) |
		flags(f.Scope&twoBits)<<scopeShift | flags(f.DeviceMAC&twoBits)<<sourceShift
}

func (f flags) when(is bool) flags {
	if is {
		return f
	}
	return 0
}

// unpack makes the flow of a record again.
func (s *Store) unpack(r *record) Flow {
	name, owner := s.labels.value(r.name), s.labels.value(r.owner)
	f := Flow{
		Name: name.text, NameSource: name.source, Owner: owner.text, OwnerSource: owner.source, Sure: r.flags&sure != 0,
	}
	f.Flow = capture.Flow{
		Device: s.macs.value(uint32(r.device)), Peer: s.macs.value(uint32(r.peer)),
		DeviceAddr: s.addrs.value(r.near).netip(), Remote: s.addrs.value(r.far).netip(), Protocol: r.protocol(),
		DevicePort: r.nearPort, RemotePort: r.farPort, Port: r.port(),
		Scope: capture.Scope(r.flags >> scopeShift & twoBits), DeviceMAC: capture.MACSource(r.flags >> sourceShift & twoBits),
		RxBytes: r.rxBytes, TxBytes: r.txBytes, RxPackets: uint64(r.rxPackets), TxPackets: uint64(r.txPackets),
		First: time.UnixMilli(r.first).UTC(), Last: time.UnixMilli(r.last()).UTC(),
		Out: r.flags&began != 0, Ended: r.flags&ended != 0, Estimated: r.flags&estimated != 0,
	}
	if r.outside != 0 {
		f.Outside = netip.AddrPortFrom(s.addrs.value(r.outside).netip(), r.outsidePort)
	}
	if f.Protocol.IsICMP() {
		f.ICMP = capture.ICMP(r.nearPort)
	}
	if f.Protocol.IsICMP() || r.flags&noIP != 0 {
		f.DevicePort = 0
	}
	return f
}

// unref gives back a record's references.
func (s *Store) unref(r *record) {
	s.addrs.unref(r.near)
	s.addrs.unref(r.far)
	s.addrs.unref(r.outside)
	s.labels.unref(r.name)
	s.labels.unref(r.owner)
	s.macs.unref(uint32(r.device))
	s.macs.unref(uint32(r.peer))
}

func (r *record) last() int64 { return r.first + int64(r.lasted) }

func (r *record) protocol() capture.Protocol {
	if r.flags&noIP != 0 {
		return capture.NoIP | capture.Protocol(r.nearPort)
	}
	return capture.Protocol(r.proto)
}

func (r *record) port() uint16 {
	switch {
	case r.flags&noIP != 0:
		return 0
	case r.flags&towardsDevice != 0:
		return r.nearPort
	}
	return r.farPort
}

func saturate(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }

// The values of addr.family.
const (
	familyNone = 0
	familyIPv4 = 4
	familyIPv6 = 6
)

func addrOf(a netip.Addr) addr {
	switch {
	case !a.IsValid():
		return addr{}
	case a.Is4():
		return addr{a.As16(), familyIPv4}
	}
	return addr{a.As16(), familyIPv6}
}

func (a addr) netip() netip.Addr {
	switch a.family {
	case familyIPv4:
		return netip.AddrFrom16(a.bytes).Unmap()
	case familyIPv6:
		return netip.AddrFrom16(a.bytes)
	}
	return netip.Addr{}
}
