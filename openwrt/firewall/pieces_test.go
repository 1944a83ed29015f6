package firewall

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// randomTargets are targets that like to overlap: few addresses, few ports.
func randomTargets(r *rand.Rand, n int) []Target {
	var out []Target
	for range n {
		addr, bits := netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(8))}), 24+r.IntN(9)
		if r.IntN(2) == 0 {
			a := netip.MustParseAddr("2001:db8:100::").As16()
			a[15] = byte(r.IntN(8))
			addr, bits = netip.AddrFrom16(a), 120+r.IntN(9)
		}
		if r.IntN(16) == 0 {
			bits = 0
		}
		t := Target{Prefix: netip.PrefixFrom(addr, bits), ICMPType: -1}
		switch r.IntN(6) {
		case 0: // all
		case 1:
			t.Protocol = []uint8{6, 17, 47}[r.IntN(3)]
		case 2:
			t = pings(t.Prefix.String(), r.IntN(4))
		default:
			t.Protocol = []uint8{0, 6, 17}[r.IntN(3)]
			t.FirstPort = uint16(r.IntN(6))
			t.LastPort = t.FirstPort + uint16(r.IntN(4))
			if r.IntN(20) == 0 {
				t.LastPort = 65535
			}
		}
		out = append(out, t)
	}
	return out
}

func randomPacket(r *rand.Rand) packet {
	p := packet{far: netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(10))}), icmpType: -1}
	icmp := uint8(1)
	if r.IntN(2) == 0 {
		a := netip.MustParseAddr("2001:db8:100::").As16()
		a[15] = byte(r.IntN(10))
		p.far, icmp = netip.AddrFrom16(a), 58
	}
	p.protocol = []uint8{6, 17, 47, 132, icmp}[r.IntN(5)]
	if p.protocol == icmp {
		p.icmpType = r.IntN(5)
	} else if hasPorts(p.protocol) {
		p.port = uint16(r.IntN(10))
	}
	return p
}

// meets looks a packet up as the kernel does: in each set one element at most may match.
func meets(t *testing.T, tr traffic, mac [6]byte, p packet) (owners []string) {
	t.Helper()
	for _, k := range kinds {
		if k.v6 != p.far.Is6() || k.form == byPort && !hasPorts(p.protocol) || k.form == byType && p.icmpType < 0 {
			continue
		}
		at, number := place{kind: k, protocol: p.protocol, mac: mac}, p.port
		switch k.form {
		case byProtocol:
			number = uint16(p.protocol)
		case byType:
			number = uint16(p.icmpType)
		}
		key, found := at.key(p.far, number), 0
		for _, e := range tr[k] {
			if inside(key, e.Key, e.KeyEnd, k) {
				found++
				owners = append(owners, e.owners...)
			}
		}
		if found > 1 {
			t.Errorf("%d elements of %s hold %+v: the kernel takes no overlaps", found, k.setName("flow"), p)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

func TestPiecesHoldWhatTheTargetsSayAndNothingTwice(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		var qs []Quarantine
		for i := range 1 + r.IntN(4) {
			qs = append(qs, Quarantine{ID: string(rune('a' + i)), MAC: camera, Level: Flow, To: randomTargets(r, 1+r.IntN(10))})
		}
		tr := trafficOf(qs, noon, flowTargets)
		for range 300 {
			p := randomPacket(r)
			var want []string
			for _, q := range qs {
				if anyMatches(q.To, p) {
					want = append(want, q.ID)
				}
			}
			if got := meets(t, tr, camera, p); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %+v meets %v, want %v", seed, p, got, want)
			}
			if got := meets(t, tr, bulb, p); got != nil {
				t.Fatalf("seed %d: %+v of another device meets %v", seed, p, got)
			}
		}
	}
}

func TestWhereQuarantinesOverlapTheLastEndCounts(t *testing.T) {
	qs := []Quarantine{
		{ID: "a", MAC: camera, Level: Flow, Until: noon.Add(time.Hour), To: []Target{target("198.51.100.0/24", 6, 10, 20)}},
		{ID: "b", MAC: camera, Level: Flow, Until: noon.Add(2 * time.Hour), To: []Target{target("198.51.100.0/24", 6, 15, 30)}},
		{ID: "c", MAC: camera, Level: Flow, To: []Target{target("198.51.100.0/24", 6, 18, 18)}},
		{ID: "d", MAC: camera, Level: Flow, Until: noon, To: []Target{target("198.51.100.0/24", 6, 10, 30)}},
	}
	left := map[uint16]time.Duration{
		10: time.Hour, 14: time.Hour, 15: 2 * time.Hour, 17: 2 * time.Hour, 18: 0, 19: 2 * time.Hour, 30: 2 * time.Hour,
	}
	tr := stoppedOf(qs, noon).targets
	at := place{kind: kind{form: byPort}, protocol: 6, mac: camera}
	for port, want := range left {
		key := at.key(netip.MustParseAddr("198.51.100.9"), port)
		for _, e := range tr[at.kind] {
			if inside(key, e.Key, e.KeyEnd, at.kind) && e.Timeout != want {
				t.Errorf("port %d has %v left, want %v", port, e.Timeout, want)
			}
		}
	}
	if n := len(tr[at.kind]); n != 5 {
		t.Errorf("%d elements, want one for each of 10-14, 15-17, 18, 19-20, 21-30", n)
	}
}

func TestWhatAllQuarantinesOfALevelExceptPasses(t *testing.T) {
	both, one := target("198.51.100.7/32", 6), target("198.51.100.8/32", 6)
	qs := []Quarantine{
		{ID: "a", MAC: camera, Level: Full, Except: []Target{target("198.51.100.0/24", 6)}, Until: noon.Add(time.Hour)},
		{ID: "b", MAC: camera, Level: Full, Except: []Target{both}},
		{ID: "c", MAC: camera, Level: Internet},
		{ID: "d", MAC: bulb, Level: Full, Except: []Target{one}},
		{ID: "e", MAC: bulb, Level: Full, Until: noon},
	}
	tr := exceptionsOf(Full, qs, noon)
	for _, c := range []struct {
		mac  [6]byte
		far  string
		pass bool
	}{{camera, "198.51.100.7", true}, {camera, "198.51.100.8", false}, {bulb, "198.51.100.8", true}, {bulb, "198.51.100.7", false}} {
		at := place{kind: kind{form: byProtocol}, mac: c.mac}
		key, pass := at.key(netip.MustParseAddr(c.far), 6), false
		for _, e := range tr[at.kind] {
			pass = pass || inside(key, e.Key, e.KeyEnd, at.kind)
		}
		if pass != c.pass {
			t.Errorf("%x to %s passes: %v, want %v", c.mac, c.far, pass, c.pass)
		}
	}
}

// inside says whether a key lies between two ends in each of its fields.
func inside(key, lo, hi []byte, k kind) bool {
	fields := []int{8, int(k.addressLength()), 4}
	if k.form == byPort {
		fields = append(fields, 4)
	}
	for _, n := range fields {
		if slices.Compare(key[:n], lo[:n]) < 0 || slices.Compare(key[:n], hi[:n]) > 0 {
			return false
		}
		key, lo, hi = key[n:], lo[n:], hi[n:]
	}
	return true
}

// FuzzPieces wants pieces that share nothing and cover what the claims cover.
func FuzzPieces(f *testing.F) {
	f.Add([]byte{0, 255, 0, 255, 10, 20, 5, 15, 15, 30, 10, 12})
	f.Add([]byte{0, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var claims []claim
		for ; len(b) >= 4 && len(claims) < 12; b = b[4:] {
			addr := func(n byte) netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, n}) }
			claims = append(claims, claim{area{addr(min(b[0], b[1])), addr(max(b[0], b[1])), 65280 + uint16(min(b[2], b[3])), 65280 + uint16(max(b[2], b[3]))}, len(claims)})
		}
		pieces := disjoint(claims)
		for n := range 256 {
			a := netip.AddrFrom4([4]byte{255, 255, 255, byte(n)})
			for _, p := range []uint16{65280, 65290, 65300, 65399, 65400, 65534, 65535} {
				var want, got []int
				for _, c := range claims {
					if c.area.has(a, p) {
						want = append(want, c.by)
					}
				}
				for _, piece := range pieces {
					if piece.area.has(a, p) {
						got = append(got, piece.by...)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%v %d is held for %v, want %v", a, p, got, want)
				}
			}
		}
	})
}

func (a area) has(addr netip.Addr, n uint16) bool {
	return !addr.Less(a.lo) && !a.hi.Less(addr) && a.first <= n && n <= a.last
}
