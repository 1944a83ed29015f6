package anomaly

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
)

const (
	// maxText bounds each text of a saved finding, in bytes.
	maxText = 1024
	// maxTargets bounds the targets of one: an address, or a port in both kinds of them.
	maxTargets = 4
)

// states are those of findings as they are saved.
var states = []State{Open, Over, Fine}

func (f *Finding) append(b []byte) []byte {
	b = append(b, f.Device[:]...)
	b = binary.AppendUvarint(b, uint64(f.ID))
	b = append(b, byte(f.Severity), byte(slices.Index(states, f.State)), flags(f.Learning))
	b = appendTimes(b, f.Start.UnixNano(), f.Found.UnixNano(), f.last)
	text, _ := f.Text.MarshalText() // never fails
	b = appendTexts(b, string(f.Kind), f.Party, string(text))
	b = appendTexts(binary.AppendUvarint(b, uint64(len(f.To))), f.To...)
	b = binary.AppendUvarint(b, uint64(len(f.Sources)))
	for _, a := range f.Sources {
		b = appendAddr(b, a)
	}
	b = binary.AppendUvarint(b, uint64(len(f.Flows)))
	for i := range f.Flows {
		b = appendFlow(b, &f.Flows[i])
	}
	return b
}

// finding takes what append gave. Which other flows show it is not known any more, until it is seen again.
func (r *reader) finding() *Finding {
	f := &Finding{Device: r.mac(), ID: int64(r.uvarint(1 << 62)), Severity: Severity(r.byte()), match: match{none: true}}
	state, learning := r.byte(), r.byte()
	f.State, f.Learning = states[min(int(state), len(states)-1)], learning == 1
	r.bad = r.bad || int(state) >= len(states) || learning > 1
	f.Start, f.Found, f.last = time.Unix(0, r.time()).UTC(), time.Unix(0, r.time()).UTC(), r.time()
	if f.State != Open {
		f.End = time.Unix(0, f.last).UTC()
	}
	f.Kind, f.Party = Kind(r.text()), r.text()
	_ = f.Text.UnmarshalText([]byte(r.text())) // never fails
	f.Text = f.Text.Within(maxText)
	f.To = listOf(r, maxTargets, r.text)
	f.Sources = listOf(r, maxSources, r.addr)
	f.Flows = listOf(r, maxEvidence, func() capture.Flow { return r.flow(f) })
	r.bad = r.bad || f.Severity > Alarm || !slices.Contains(Kinds, f.Kind)
	return f
}

// restore takes a finding of an earlier run. The owner's word is about all of its kind.
func (l *ledger) restore(f *Finding) {
	l.all = append(l.all, f)
	if before := l.byKey[f.key()]; before == nil || before.State != Fine {
		l.byKey[f.key()] = f
	}
}

// listOf takes a list of at most limit; none is nil.
func listOf[T any](r *reader, limit uint64, take func() T) (list []T) {
	for n := r.uvarint(limit); n > 0 && !r.bad; n-- {
		list = append(list, take())
	}
	return list
}

// The bits that say of a flow what is true.
const (
	flowOut = 1 << iota
	flowEnded
	flowEstimated
	flowAddress // of the device follows
)

// flags are bits, the lowest first.
func flags(set ...bool) (b byte) {
	for i, yes := range set {
		if yes {
			b |= 1 << i
		}
	}
	return b
}

// appendFlow appends what is shown of a flow; its device is the finding's.
func appendFlow(b []byte, f *capture.Flow) []byte {
	b = append(b, f.Peer[:]...)
	b = append(b, flags(f.Out, f.Ended, f.Estimated, f.DeviceAddr.IsValid()), byte(f.Scope))
	if f.DeviceAddr.IsValid() {
		b = appendAddr(b, f.DeviceAddr)
	}
	b = appendAddr(appendAddr(b, f.Remote), f.Outside.Addr())
	for _, v := range []uint64{
		uint64(f.Protocol), uint64(f.DevicePort), uint64(f.RemotePort), uint64(f.Port), uint64(f.Outside.Port()),
		f.RxBytes, f.TxBytes, f.RxPackets, f.TxPackets,
	} {
		b = binary.AppendUvarint(b, v)
	}
	return appendTimes(b, f.First.UnixNano(), f.Last.UnixNano())
}

func (r *reader) flow(of *Finding) capture.Flow {
	f := capture.Flow{Device: of.Device, Peer: r.mac()}
	is := r.byte()
	f.Out, f.Ended, f.Estimated, f.Scope = is&flowOut != 0, is&flowEnded != 0, is&flowEstimated != 0, capture.Scope(r.byte())
	r.bad = r.bad || is >= 2*flowAddress || f.Scope > capture.ScopeLAN
	if is&flowAddress != 0 {
		f.DeviceAddr = r.addr()
		r.bad = r.bad || !f.DeviceAddr.IsValid()
	}
	f.Remote = r.addr()
	outside := r.addr()
	f.Protocol = capture.Protocol(r.uvarint(2*uint64(capture.NoIP) - 1))
	f.DevicePort, f.RemotePort, f.Port = r.port(), r.port(), r.port()
	f.Outside = netip.AddrPortFrom(outside, r.port())
	for _, n := range []*uint64{&f.RxBytes, &f.TxBytes, &f.RxPackets, &f.TxPackets} {
		*n = r.uvarint(1<<64 - 1)
	}
	f.First, f.Last = time.Unix(0, r.time()).UTC(), time.Unix(0, r.time()).UTC()
	return f
}

func (r *reader) port() uint16 { return uint16(r.uvarint(1<<16 - 1)) }

func (r *reader) text() string { return string(r.bytes(int(r.uvarint(maxText)))) }

func appendTexts(b []byte, texts ...string) []byte {
	for _, s := range texts {
		s = s[:min(len(s), maxText)]
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// appendAddr appends an address without its zone, behind its length.
func appendAddr(b []byte, a netip.Addr) []byte {
	raw := a.AsSlice()
	return append(append(b, byte(len(raw))), raw...)
}

func (r *reader) addr() netip.Addr {
	n := int(r.byte())
	a, ok := netip.AddrFromSlice(r.bytes(n))
	r.bad = r.bad || n > 0 && !ok
	return a
}
