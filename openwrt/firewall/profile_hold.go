package firewall

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"spinneret/mud"
)

// A device sends its first packet within some 100 µs of the answer that names the target: who only listens to the answer
// comes too late with Learn (2026-11: of 200 connections to new addresses 128 were late by a second, of 1,000 none
// since). So answers of DNS to devices whose profile names somebody are taken out here, and whoever reads Log.Hold sends
// them on once the firewall has learned them. While nobody says that he does, they pass. Answers over TCP always do.
const (
	setAwake  = "mud_awake"
	setTold4  = "mud_told4"
	setTold6  = "mud_told6"
	chainHold = "mud_hold"

	chainAnswers = "mud_answers"

	// holdRate is the most answers a second that are held; a home of 60 devices asks some tens.
	holdRate = 200
	// holdLength is the longest: it must go out again in one piece. DNS over UDP keeps to 1232 (RFC 9715).
	holdLength = 1280
)

// Awake says that whoever reads Log.Hold sends on what it reads, for so long.
func (f *Firewall) Awake(ctx context.Context, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.awake = now.Add(d)
	if f.numbers == nil || !f.holdsLocked() {
		return nil // the next Apply that holds answers takes it along
	}
	before, err := f.sockets.generation(ctx)
	if err != nil {
		return err
	}
	err = f.transact(ctx, func(b batch) error { return f.refillAwakeLocked(b, now) })
	alone := err == nil && before == f.settled
	if err == nil {
		err = f.settleLocked(ctx, before, nil, nil)
	}
	if !alone {
		f.settled = 0 // somebody may have changed other sets
	}
	if err != nil {
		return fmt.Errorf("hold answers: %w", err)
	}
	return nil
}

func (f *Firewall) holdsLocked() bool {
	return slices.ContainsFunc(f.tables, func(t table) bool {
		return slices.ContainsFunc(t.sets, func(s set) bool { return s.spec.Name == setAwake })
	})
}

// refillAwakeLocked fills the set anew: an element that is there keeps its end on kernels before 6.12.
func (f *Firewall) refillAwakeLocked(b batch, now time.Time) error {
	for i := range f.tables {
		for j := range f.tables[i].sets {
			s := &f.tables[i].sets[j]
			if s.spec.Name != setAwake {
				continue
			}
			spec := s.in(&nftables.Table{Name: f.tables[i].name, Family: f.tables[i].family})
			s.elements, s.filled = awakeElements(f.awake, now), now
			b.conn.FlushSet(spec)
			if err := b.fill(spec, s.elements); err != nil {
				return err
			}
		}
	}
	return nil
}

// awakeElements is UDP while somebody sends answers on: a rule that looks a packet's protocol up there ends with him.
func awakeElements(until, now time.Time) []nftables.SetElement {
	if left := until.Sub(now).Truncate(time.Millisecond); left > 0 {
		return []nftables.SetElement{{Key: []byte{unix.IPPROTO_UDP}, Timeout: left}}
	}
	return nil
}

// addHold adds the chains and sets for answers that are held, and returns the rule that leads there. All that is forwarded
// comes by that one, and by the one behind NAT: both ask first what is quickest to tell and mostly not so.
func (t *table) addHold(s State, now time.Time) []rule {
	told := s.told()
	if s.Log.Hold == 0 || len(told) == 0 {
		return nil
	}
	t.addSet(set{refilled: true, elements: awakeElements(s.awake, now), spec: nftables.Set{
		Name: setAwake, Comment: "UDP, while somebody sends answers on", KeyType: nftables.TypeInetProto, HasTimeout: true,
	}})
	var rules []rule
	for _, v6 := range []bool{false, true} {
		name, typ := setTold4, nftables.TypeIPAddr
		if v6 {
			name, typ = setTold6, nftables.TypeIP6Addr
		}
		known := set{refilled: true, spec: nftables.Set{
			Name: name, Comment: "whose answers teach names", KeyType: typ, KeyByteOrder: binaryutil.BigEndian,
		}}
		for _, a := range told {
			if a.Is6() == v6 {
				known.elements = append(known.elements, nftables.SetElement{Key: a.AsSlice()})
			}
		}
		t.addSet(known)
		k := kind{v6: v6}
		rules = append(rules, say("until their names are learned", oifIn(setLAN), []expr.Any{meta(expr.MetaKeyL4PROTO), lookup(setAwake)},
			stateOf(expr.CmpOpNeq, stateEstablished), noLonger(holdLength), t.version(v6), plainHeader(v6),
			[]expr.Any{load(expr.PayloadBaseNetworkHeader, k.addressAt(from), k.addressLength()), lookup(name)}, jumpTo(chainHold)))
	}
	t.addChain(chainAnswers, nil, rules...)
	t.addChain("postrouting", &hook{at: *nftables.ChainHookPostrouting, priority: *nftables.ChainPriorityNATSource + 1},
		say("of the router itself, to who asked another", ofRouter(), sourcePort(53), led(expr.CmpOpNeq), jumpTo(chainAnswers)))
	t.addChain(chainHold, nil, say("", within(holdRate), logTo(s.Log.Hold, wholePacket, 1), []expr.Any{&expr.Counter{}}, drop()))
	return []rule{say("answers of DNS", sourcePort(53), led(expr.CmpOpEq), jumpTo(chainAnswers))}
}

const wholePacket = 0xffff

// told are the addresses of the devices that are held to a profile with names, in order.
func (s State) told() (list []netip.Addr) {
	for _, p := range s.Profiles {
		named := slices.ContainsFunc(p.endpoints(), func(e mud.Endpoint) bool { return e.Kind == mud.Name })
		if p.Mode != Enforce || !named {
			continue
		}
		for _, a := range p.Addresses {
			list = append(list, a.Unmap().WithZone(""))
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

// led compares whether the router led the device to another resolver than it asked, by DNAT. An answer from there gets its
// address behind all rules, so only one of the router itself is held then: nothing may come in by this way that the
// router's firewall, which comes after our other rules, would refuse.
func led(op expr.CmpOp) []expr.Any {
	const dstNAT = 1 << 5 // IPS_DST_NAT of nf_conntrack_common.h
	return ctBits(expr.CtKeySTATUS, op, dstNAT)
}

// ofRouter matches what the router itself sends; where packets leave, that tells it from others since Linux 5.7.
func ofRouter() []expr.Any { return []expr.Any{meta(expr.MetaKeyIIF), equal(0, 0, 0, 0)} }

// plainHeader matches packets whose IP header has nothing more than it must have: so the one that is sent on has.
func plainHeader(v6 bool) []expr.Any {
	if v6 {
		return []expr.Any{load(expr.PayloadBaseNetworkHeader, 6, 1), equal(unix.IPPROTO_UDP)} // RFC 8200 section 3
	}
	return []expr.Any{load(expr.PayloadBaseNetworkHeader, 0, 1), equal(0x45)} // RFC 791 section 3.1
}

// noLonger matches packets of at most so many bytes.
func noLonger(n uint32) []expr.Any {
	return []expr.Any{
		meta(expr.MetaKeyLEN),
		&expr.Byteorder{SourceRegister: reg, DestRegister: reg, Op: expr.ByteorderHton, Len: 4, Size: 4},
		&expr.Cmp{Op: expr.CmpOpLte, Register: reg, Data: binary.BigEndian.AppendUint32(nil, n)},
	}
}
