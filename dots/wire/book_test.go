package wire

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var (
	isp   = Client{"isp", "key-a"}
	other = Client{"other", "key-b"}
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// home is a judge whose only address is 203.0.113.20.
type home struct{ legitimate bool }

func (home) Ours(_ Client, p netip.Prefix) bool {
	return p == prefix("203.0.113.20/32") || p == prefix("2001:db8:123::1/128")
}
func (h home) Legitimate(Client, Scope) bool { return h.legitimate }

func attack(target string, ports ...PortRange) Request {
	return Request{Lifetime: 3600, Scope: Scope{
		Targets: []netip.Prefix{prefix(target)}, Sources: []netip.Prefix{prefix("203.0.113.20/32")}, SourcePorts: ports,
	}}
}

func (b *Book) put(t *testing.T, now time.Time, c Client, cuid string, mid uint32, r Request) Answer {
	t.Helper()
	return b.Put(now, Key{c, cuid, mid}, r, false, home{})
}

// TestDecisionTable goes through the answers to a PUT, in the order in which they are found.
func TestDecisionTable(t *testing.T) {
	b := NewBook(DefaultLimits())
	victim := attack("198.51.100.7/32", PortRange{40000, 40127})
	step := func(what string, a Answer, code Code, body string) {
		t.Helper()
		if a.Code != code || body != "" && hex.EncodeToString(a.Body) != body || code >= BadRequest && a.Text == "" {
			t.Errorf("%s: %v %x %s, want %v %s", what, a.Code, a.Body, a.Text, code, body)
		}
	}
	foreign := victim
	foreign.Sources = []netip.Prefix{prefix("192.0.2.9/32")}
	step("a source that is not ours", b.put(t, noon, isp, "c", 56, foreign), BadRequest, "")
	if a := b.Put(noon, Key{isp, "c", 56}, victim, true, home{}); !a.Silent {
		t.Errorf("an efficacy update of nothing is answered %v", a.Code)
	}
	step("what the owner called legitimate", b.Put(noon, Key{isp, "c", 56}, victim, false, home{legitimate: true}), Conflicted, "a101a10281a111a11304")
	first := b.put(t, noon, isp, "c", 56, victim)
	step("a new one", first, Created, "a101a10281a30518380e190e101001")
	if first.New == nil || first.New.Ends != noon.Add(time.Hour) {
		t.Errorf("to act upon: %+v", first.New)
	}
	step("the same again", b.put(t, noon.Add(time.Minute), isp, "c", 56, victim), Changed, "a101a10281a20518380e190e10")
	changed := attack("198.51.100.8/32")
	step("its mid for something else", b.put(t, noon, isp, "c", 56, changed), BadRequest, "")
	step("another's cuid", b.put(t, noon, other, "c", 57, changed), Conflicted, "a101a10281a111a11303")
	step("a lower mid for the same", b.put(t, noon, isp, "c", 55, victim), Conflicted, "a101a10281a111a2130115a205183806816f3139382e35312e3130302e372f3332")
	higher := b.put(t, noon, isp, "c", 60, victim)
	step("a higher mid for the same", higher, Created, "")
	if len(higher.Replaced) != 1 || higher.Replaced[0].MID != 56 {
		t.Errorf("replaced: %+v", higher.Replaced)
	}
	step("what it replaced", b.Get(noon, isp, "c", number[uint32](56)), NotFound, "")
	second := b.put(t, noon, isp, "c", 50, attack("198.51.100.7/32", PortRange{50000, 50000}))
	step("another device behind the same victim", second, Created, "")
	if len(second.Replaced) != 0 {
		t.Error("a second infected device took the place of the first")
	}
	overlap := b.put(t, noon, other, "d", 1, victim)
	step("the same of another provider", overlap, Created, "")
	if r, err := DecodeReports(overlap.Body); err != nil || r[0].Conflict == nil || r[0].Conflict.Status != ThisActive {
		t.Errorf("the other provider hears %+v, %v", r, err)
	}
	efficacyUpdate := victim
	efficacyUpdate.Efficacy = UnderAttack
	step("how well it goes", b.Put(noon, Key{isp, "c", 60}, efficacyUpdate, true, home{}), Changed, "")
}

// TestAnotherProvidersTargetsAreNotTold: one that asks about all of the internet does not learn what others asked about.
func TestAnotherProvidersTargetsAreNotTold(t *testing.T) {
	b := NewBook(DefaultLimits())
	b.put(t, noon, isp, "c", 1, attack("198.51.100.7/32"))
	b.put(t, noon, isp, "c", 2, attack("192.0.2.1/32"))
	wide := attack("0.0.0.0/0")
	wide.Targets = append(wide.Targets, prefix("2001:db8::/32"))
	a := b.put(t, noon, other, "d", 1, wide)
	r, err := DecodeReports(a.Body)
	if err != nil || a.Code != Created || r[0].Conflict == nil || len(r[0].Conflict.Scope.Targets) != 1 || r[0].Conflict.Scope.Targets[0] != prefix("0.0.0.0/0") {
		t.Errorf("the other provider hears %v %+v, %v", a.Code, r, err)
	}
}

// TestAConflictNamesAllThatIsShared, of a client's own requests.
func TestAConflictNamesAllThatIsShared(t *testing.T) {
	b := NewBook(DefaultLimits())
	b.put(t, noon, isp, "c", 9, attack("198.51.0.0/16"))
	two := attack("198.51.100.7/32")
	two.Targets = append(two.Targets, prefix("198.51.7.0/24"), prefix("192.0.2.1/32"))
	r, err := DecodeReports(b.put(t, noon, isp, "c", 8, two).Body)
	if err != nil || fmt.Sprint(r[0].Conflict.Scope.Targets) != "[198.51.100.7/32 198.51.7.0/24]" {
		t.Errorf("it hears %+v, %v", r, err)
	}
	b = NewBook(DefaultLimits())
	b.put(t, noon, isp, "c", 9, two)
	r, err = DecodeReports(b.put(t, noon, isp, "c", 8, attack("198.51.0.0/16")).Body)
	if err != nil || fmt.Sprint(r[0].Conflict.Scope.Targets) != "[198.51.100.7/32 198.51.7.0/24]" {
		t.Errorf("the other way around it hears %+v, %v", r, err)
	}
}

// TestWithdrawalHasAGrace: status 5 for two minutes, then nothing is there; twice as long for one that comes back.
func TestWithdrawalHasAGrace(t *testing.T) {
	b := NewBook(DefaultLimits())
	k := Key{isp, "c", 7}
	r := attack("198.51.100.7/32")
	b.Put(noon, k, r, false, home{})
	if !b.Update(noon, k, State{Status: Mitigated}) || b.Update(noon, k, State{Status: Mitigated}) {
		t.Error("a new status is news, the same again is none")
	}
	if a := b.Delete(noon, k); a.Code != Deleted || a.Withdrawn == nil {
		t.Fatalf("withdrawn: %+v", a)
	}
	if a := b.Delete(noon, k); a.Code != Deleted || a.Withdrawn != nil {
		t.Errorf("withdrawn again: %+v", a)
	}
	reports, err := DecodeReports(b.Get(noon.Add(20*time.Second), isp, "c", &k.MID).Body)
	if err != nil || reports[0].Status != Withdrawn || *reports[0].Lifetime != 100 || reports[0].Start != noon.Unix() {
		t.Errorf("while it ends: %+v, %v", reports, err)
	}
	b.Update(noon, k, State{Status: Mitigated})
	if ended := b.Expire(noon.Add(119 * time.Second)); len(ended) != 0 {
		t.Errorf("ended early: %+v", ended)
	}
	if a := b.Put(noon.Add(119*time.Second), k, r, false, home{}); a.Code != Changed {
		t.Errorf("asked for again: %v", a.Code)
	}
	b.Delete(noon, k)
	if b.Next() != noon.Add(240*time.Second) {
		t.Errorf("its second grace ends %v", b.Next().Sub(noon))
	}
	if ended := b.Expire(noon.Add(240 * time.Second)); len(ended) != 1 || b.Active(isp) {
		t.Errorf("after its grace: %+v", ended)
	}
	if a := b.Get(noon, isp, "c", &k.MID); a.Code != NotFound {
		t.Errorf("after its grace: %v", a.Code)
	}
}

// TestLifetimes: what was granted runs down, and nothing is for ever.
func TestLifetimes(t *testing.T) {
	b := NewBook(DefaultLimits())
	r := attack("198.51.100.7/32")
	r.Lifetime = Indefinite
	a := b.put(t, noon, isp, "c", 1, r)
	reports, err := DecodeReports(a.Body)
	if err != nil || *reports[0].Lifetime != 86400 {
		t.Errorf("for ever is granted as %+v, %v", reports, err)
	}
	reports, _ = DecodeReports(b.Get(noon.Add(time.Hour), isp, "c", nil).Body)
	if *reports[0].Lifetime != 82800 || *reports[0].MID != 1 {
		t.Errorf("an hour later: %+v", reports)
	}
	kept := NewBook(DefaultLimits())
	kept.Restore(b.All())
	if a := kept.put(t, noon, isp, "c", 1, r); a.Code != Changed {
		t.Errorf("after a restart: %v", a.Code)
	}
	if a := b.Get(noon, other, "c", nil); a.Code != NotFound {
		t.Errorf("another client sees %v", a.Code)
	}
}

// TestFloodOfRequests: a thousand cuids of one client get no more room than one, and others keep theirs.
func TestFloodOfRequests(t *testing.T) {
	limits := DefaultLimits()
	b := NewBook(limits)
	refused := 0
	for i := range 1000 {
		a := b.put(t, noon.Add(time.Duration(i)*10*time.Second), isp, fmt.Sprint("c", i), 1, attack(fmt.Sprintf("198.51.%d.%d/32", i/250, i%250+1)))
		if a.Code == ServiceUnavailable && a.MaxAge == limits.RetryAfter {
			refused++
		}
	}
	if refused != 1000-limits.PerClient || len(b.All()) != limits.PerClient {
		t.Errorf("%d refused, %d kept", refused, len(b.All()))
	}
	if a := b.put(t, noon, other, "x", 1, attack("192.0.2.1/32")); a.Code != Created {
		t.Errorf("the other provider gets %v", a.Code)
	}
	fast := NewBook(limits)
	for i := range limits.PerMinute {
		fast.put(t, noon, isp, "c", uint32(i), attack(fmt.Sprintf("198.51.100.%d/32", i+1)))
	}
	if a := fast.put(t, noon, isp, "c", 999, attack("192.0.2.1/32")); a.Code != ServiceUnavailable {
		t.Errorf("the %dth within a minute gets %v", limits.PerMinute+1, a.Code)
	}
}
