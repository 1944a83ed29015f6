package firewall

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab"
)

// Many random changes on sixty devices, SOAK=60000 for more: every one is taken, what should be in force
// is, when all is released nothing is left of it, and other devices that talk all the while lose no packet.
func TestManyChangesLeaveNothingBehind(t *testing.T) {
	h := startHouse(t, lab.Options{})
	ns, f := h.Router(), h.firewall
	others := bystanders(t, h)
	changes := 150
	if n, err := strconv.Atoi(os.Getenv("SOAK")); err == nil {
		changes = n
	}
	s := h.state()
	apply(t, f, s)
	before := listing(t, ns)
	r := rand.New(rand.NewPCG(3, 2026))
	var took []time.Duration
	for i := range changes {
		change(r, &s)
		began := time.Now()
		if err := f.Apply(t.Context(), s); err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
		took = append(took, time.Since(began))
		if i%47 == 0 {
			wantInForce(t, f, s)
		}
	}
	slices.Sort(took)
	t.Logf("%d changes: median %v, p95 %v, longest %v", changes, took[len(took)/2], took[len(took)*95/100], took[len(took)-1])
	s.Quarantines, s.NoMappings = nil, nil
	apply(t, f, s)
	for name, c := range others {
		if sent, arrived := c.Stop(); sent != arrived || sent == 0 {
			t.Errorf("%s of another device: %d sent, %d arrived", name, sent, arrived)
		}
	}
	if d := gocmp.Diff(before, listing(t, ns)); d != "" {
		t.Errorf("something is left (-before +after):\n%s", d)
	}
	if err := f.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := listing(t, ns); strings.Contains(left, "spinneret") || !strings.Contains(left, "fw4") {
		t.Errorf("left is\n%s", left)
	}
}

// bystanders are packets of devices that nothing is done to, to the internet and inside the home.
func bystanders(t *testing.T, h *house) map[string]*lab.Counter {
	t.Helper()
	counters := map[string]*lab.Counter{}
	for _, network := range []string{"udp4", "udp6"} {
		out, err := h.CountOut(t.Context(), h.laptop, network)
		if err != nil {
			t.Fatal(err)
		}
		inside, err := h.CountLAN(t.Context(), h.laptop, h.tv, network)
		if err != nil {
			t.Fatal(err)
		}
		counters[network+" out"], counters[network+" inside"] = out, inside
	}
	return counters
}

// change does one of the things that people, providers and time do.
func change(r *rand.Rand, s *State) {
	mac := [6]byte{2, 0, 0, 1, 0, byte(r.IntN(60))}
	now := time.Now()
	s.Quarantines = current(slices.Clone(s.Quarantines), now.Add(time.Duration(r.IntN(2))*time.Second)) // some ended unnoticed
	id := fmt.Sprintf("%x-%s", mac[5], [...]string{"owner", "dots", "anomaly", "mud"}[r.IntN(4)])
	s.Quarantines = slices.DeleteFunc(s.Quarantines, func(q Quarantine) bool { return q.ID == id })
	switch r.IntN(10) {
	case 0, 1: // released
		return
	case 2:
		if i := slices.Index(s.NoMappings, mac); i >= 0 {
			s.NoMappings = slices.Delete(slices.Clone(s.NoMappings), i, i+1)
			return
		}
		s.NoMappings = append(slices.Clone(s.NoMappings), mac)
		return
	}
	q := Quarantine{
		ID: id, MAC: mac, Level: [...]Level{Full, Internet, Flow}[r.IntN(3)],
		Lease:     netip.AddrFrom4([4]byte{192, 168, 1, mac[5] + 100}),
		Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 168, 1, mac[5] + 100}), netip.MustParseAddr("fe80::1")},
	}
	if q.Level == Flow {
		q.To = randomTargets(r, 1+r.IntN(4))
	} else if r.IntN(4) == 0 {
		q.Except = randomTargets(r, 1+r.IntN(3))
	}
	if r.IntN(3) > 0 {
		q.Until = now.Add(time.Duration(r.IntN(2000)) * time.Millisecond)
	}
	s.Quarantines = append(s.Quarantines, q)
	slices.SortFunc(s.Quarantines, func(a, b Quarantine) int { return cmp.Compare(a.ID, b.ID) })
}

// wantInForce compares what the kernel holds with what it was told, but for what is just about to end.
func wantInForce(t *testing.T, f *Firewall, s State) {
	t.Helper()
	const jiffies = 20 * time.Millisecond
	asked := time.Now().Add(-jiffies)
	c, err := f.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answered := time.Now().Add(jiffies)
	for _, q := range s.Quarantines {
		if q.Until.After(asked) && q.Until.Before(answered) {
			continue
		}
		if want := q.Until.IsZero() || q.Until.After(answered); c.Quarantines[q.ID].InForce != want {
			t.Errorf("%s (%s, until %v) is in force: %v", q.ID, q.Level, q.Until, !want)
		}
	}
}
