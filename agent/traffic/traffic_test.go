package traffic

import (
	"iter"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

var (
	cam     = packet.MAC{2, 0, 0, 0, 0, 1}
	printer = packet.MAC{2, 0, 0, 0, 0, 2}
	upload  = netip.MustParseAddr("198.51.100.7")
	noon    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func named(device packet.MAC, addr netip.Addr) (string, string) {
	if addr == upload {
		return "up.cam.example", "dns"
	}
	return "", ""
}

func camFlow(port uint16, tx uint64, last time.Time) capture.Flow {
	return capture.Flow{
		Device: cam, DeviceAddr: netip.MustParseAddr("192.168.1.10"), Remote: upload, Protocol: packet.ProtoTCP,
		DevicePort: port, RemotePort: 443, Port: 443, Out: true, Scope: capture.ScopeInternet,
		TxBytes: tx, First: noon, Last: last,
	}
}

func TestASteadyFlowSettlesOnItsRate(t *testing.T) {
	tr := New(named)
	for second := range 20 {
		now := noon.Add(time.Duration(second) * time.Second)
		tr.Observe(now, all([]capture.Flow{camFlow(40000, uint64(second+1)*51234, now)}))
	}
	pairs, owners := slices.Collect(tr.Pairs()), slices.Collect(tr.Owners())
	if len(pairs) != 1 || len(owners) != 1 || pairs[0].Owner != owners[0].ID {
		t.Fatalf("pairs %+v, owners %+v: want one of each, joined by id", pairs, owners)
	}
	if owners[0].Name != "cam.example" || owners[0].Source != "domain" {
		t.Errorf("the owner is %+v, want cam.example by domain", owners[0])
	}
	if pairs[0].TxRate != 51000 || pairs[0].RxRate != 0 {
		t.Errorf("rates are %d up, %d down; want 51000 (two digits of 51234) and 0", pairs[0].TxRate, pairs[0].RxRate)
	}
}

func TestFlowsToOneEndpointAddUpAndARestartedFlowDoesNotRunBackwards(t *testing.T) {
	tr := New(named)
	tr.Observe(noon, all([]capture.Flow{camFlow(1, 4000, noon), camFlow(2, 4000, noon)}))
	if rows, more := tr.Focus(cam, 10); len(rows) != 1 || more != 0 || rows[0].TxRate != 4000 {
		t.Fatalf("focus is %+v and %d more, want one row with half of 8000 B/s", rows, more)
	}
	tr.Observe(noon.Add(time.Second), all([]capture.Flow{camFlow(1, 100, noon)}))
	if rows, _ := tr.Focus(cam, 10); rows[0].TxRate != 2100 {
		t.Errorf("rate is %d, want (4000+100)/2 rounded to 2100: the new flow's 100 bytes count, no more", rows[0].TxRate)
	}
}

func TestFocusIsBusiestFirstAndSaysHowManyMore(t *testing.T) {
	tr := New(named)
	quiet, busy := camFlow(1, 10, noon), camFlow(2, 9000, noon)
	busy.Remote = netip.MustParseAddr("198.51.100.8")
	tr.Observe(noon, all([]capture.Flow{quiet, busy}))
	rows, more := tr.Focus(cam, 1)
	if len(rows) != 1 || rows[0].Remote != busy.Remote || more != 1 {
		t.Errorf("focus is %+v and %d more, want the busy one and one more", rows, more)
	}
}

func TestBothDevicesOfALANFlowSeeEachOther(t *testing.T) {
	tr := New(named)
	f := capture.Flow{
		Device: cam, DeviceAddr: netip.MustParseAddr("192.168.1.10"), Peer: printer, Remote: netip.MustParseAddr("192.168.1.20"),
		Protocol: packet.ProtoTCP, DevicePort: 5000, RemotePort: 9100, Port: 9100, Out: true, Scope: capture.ScopeLAN,
		TxBytes: 2000, Last: noon,
	}
	tr.Observe(noon, all([]capture.Flow{f}))
	rows, _ := tr.Focus(printer, 10)
	if len(rows) != 1 || rows[0].Peer != cam || rows[0].RxRate != 1000 || rows[0].Owner != 0 {
		t.Errorf("the printer sees %+v, want 1000 B/s received from the camera, and no owner", rows)
	}
	if pairs := slices.Collect(tr.Pairs()); len(pairs) != 0 {
		t.Errorf("pairs are %+v, want none: both ends are at home", pairs)
	}
}

func TestWhatIsSilentForAnHourIsForgotten(t *testing.T) {
	tr := New(named)
	tr.Observe(noon, all([]capture.Flow{camFlow(1, 10, noon)}))
	tr.Observe(noon.Add(forget+time.Second), all(nil))
	pairs, owners := slices.Collect(tr.Pairs()), slices.Collect(tr.Owners())
	if rows, _ := tr.Focus(cam, 1); len(rows)+len(pairs)+len(owners)+tr.flows.Used() != 0 {
		t.Errorf("left over: %v %v %v", rows, pairs, owners)
	}
}

func TestAFullStoreForgetsTheLongestSilent(t *testing.T) {
	tr := New(func(packet.MAC, netip.Addr) (string, string) { return "", "" })
	var flows []capture.Flow
	for i := range maxEndpoints + 1 {
		f := camFlow(1, 10, noon.Add(time.Duration(i)*time.Millisecond))
		f.Remote = netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)})
		flows = append(flows, f)
	}
	tr.Observe(noon.Add(time.Minute), all(flows))
	stores := tr.Stores()
	if stores[0].Used > maxEndpoints || stores[0].Evicted != maxEndpoints/4 {
		t.Errorf("endpoints: %+v, want no more than the limit and a quarter evicted", stores[0])
	}
	for _, s := range stores[1:] {
		if s.Used > maxPairs || s.Used < maxPairs/2 || s.Used+int(s.Evicted) != maxEndpoints+1 {
			t.Errorf("%s: %+v, want no more than the limit, and the rest counted", s.Name, s)
		}
	}
	rows, _ := tr.Focus(cam, maxEndpoints)
	if first := flows[0].Remote; rows[len(rows)-1].Remote == first {
		t.Errorf("%v was silent longest and is still there", first)
	}
}

// all gives each of the flows.
// TestRatesWaitForTheNextCount: where all is counted each four seconds, a steady flow has a steady rate in between.
func TestRatesWaitForTheNextCount(t *testing.T) {
	tr := New(named)
	for second := range 40 {
		now := noon.Add(time.Duration(second) * time.Second)
		observe := tr.Await
		if second%4 == 0 {
			observe = tr.Observe
		}
		observe(now, all([]capture.Flow{camFlow(40000, uint64(second/4*4)*5000, now)}))
		for p := range tr.Pairs() {
			if second > 8 && p.TxRate != 5000 {
				t.Fatalf("the rate is %d after %d s, want 5000", p.TxRate, second)
			}
		}
	}
}

func all(flows []capture.Flow) iter.Seq[*capture.Flow] {
	return func(yield func(*capture.Flow) bool) {
		for i := range flows {
			if !yield(&flows[i]) {
				return
			}
		}
	}
}

// scan is what a device forges in a round: so many flows, each to an address of its own.
func scan(round, n int, at time.Time) (flows []capture.Flow) {
	for i := range n {
		f := camFlow(1, 60, at)
		serial := round*n + i
		f.Remote = netip.AddrFrom4([4]byte{44, byte(serial >> 16), byte(serial >> 8), byte(serial)})
		flows = append(flows, f)
	}
	return flows
}

// TestAScannerHidesNobodyElse forges more each second than there is room for, while another device speaks to somebody
// new each second.
func TestAScannerHidesNobodyElse(t *testing.T) {
	const rounds, forged = 8, 10_000
	tr := New(func(packet.MAC, netip.Addr) (string, string) { return "", "" })
	for round := range rounds {
		now := noon.Add(time.Duration(round) * time.Second)
		fresh := camFlow(1, 1000, now)
		fresh.Device, fresh.Remote = printer, netip.AddrFrom4([4]byte{198, 51, 100, byte(round)})
		tr.Observe(now, all(append([]capture.Flow{fresh}, scan(round, forged, now)...)))
		for _, s := range tr.Stores() {
			if s.Used > s.Limit {
				t.Fatalf("round %d: %+v is beyond its limit", round, s)
			}
		}
		if got := parties(tr, printer); len(got) != round+1 || !got[fresh.Remote.String()] {
			t.Fatalf("round %d: the printer speaks to %v, want everybody that it spoke to", round, got)
		}
		if rows, _ := tr.Focus(printer, rounds); len(rows) != round+1 {
			t.Fatalf("round %d: the printer has %d endpoints", round, len(rows))
		}
	}
	if n := tr.flows.Used(); n != forged+1 {
		t.Errorf("%d flows are remembered, want those of the last round", n)
	}
}

// parties are the names of those that a device speaks to.
func parties(tr *Tracker, device packet.MAC) map[string]bool {
	names, found := map[int]string{}, map[string]bool{}
	for o := range tr.Owners() {
		names[o.ID] = o.Name
	}
	for p := range tr.Pairs() {
		if p.Device == device {
			found[names[p.Owner]] = true
		}
	}
	return found
}

func TestIdleFlowsDoNotPushOutWhatIsInUse(t *testing.T) {
	tr := New(func(packet.MAC, netip.Addr) (string, string) { return "", "" })
	flows := scan(0, maxEndpoints+1, noon)
	tr.Observe(noon, all(flows))
	before := tr.Stores()
	tr.Observe(noon.Add(time.Second), all(flows))
	for i, s := range tr.Stores() {
		if s != before[i] {
			t.Errorf("nothing moved, and %+v became %+v", before[i], s)
		}
	}
}

func TestAnOwnerStaysWhileSomebodySpeaksToIt(t *testing.T) {
	tr := New(named)
	others := camFlow(1, 1000, noon)
	others.Device = printer
	tr.Observe(noon, all([]capture.Flow{camFlow(1, 1000, noon), others}))
	first := func() Owner {
		return slices.MinFunc(slices.Collect(tr.Owners()), func(a, b Owner) int { return a.ID - b.ID })
	}
	owner := first()
	for round := range 3 {
		now := noon.Add(time.Duration(round+1) * time.Second)
		tr.Observe(now, all(append(scan(round, maxPairs, now), others)))
	}
	if got := parties(tr, cam); got["cam.example"] {
		t.Fatal("the camera still has its oldest party: nothing was displaced")
	}
	if got := first(); got != owner || !parties(tr, printer)["cam.example"] {
		t.Errorf("the first owner is %+v, want %+v as before: the printer speaks to it", got, owner)
	}
	now := noon.Add(time.Minute)
	tr.Observe(now, all([]capture.Flow{camFlow(1, 9000, now)}))
	if !parties(tr, cam)["cam.example"] {
		t.Error("the camera spoke to it again, and that is not shown")
	}
}

func TestANameThatIsLearntLateTellsTheOwner(t *testing.T) {
	name, source := "", ""
	tr := New(func(packet.MAC, netip.Addr) (string, string) { return name, source })
	tr.Observe(noon, all([]capture.Flow{camFlow(1, 1000, noon)}))
	name, source = "up.cam.example", "tls"
	tr.Observe(noon.Add(time.Second), all([]capture.Flow{camFlow(1, 1000, noon)}))
	rows, _ := tr.Focus(cam, 1)
	if !parties(tr, cam)["cam.example"] || rows[0].Owner == 0 || rows[0].Name != name {
		t.Errorf("the camera speaks to %v, its endpoint is %+v", parties(tr, cam), rows)
	}
}
