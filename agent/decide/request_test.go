package decide

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/agent/culprit"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/dots/wire"
)

var tv = packet.MAC{2, 0, 0, 0, 0, 3}

func entry(provider string, mid uint32) wire.Entry {
	return wire.Entry{Key: wire.Key{Client: wire.Client{Provider: provider}, MID: mid}, Request: wire.Request{Scope: wire.Scope{
		Targets: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}, Sources: []netip.Prefix{netip.MustParsePrefix("203.0.113.20/32")},
		SourcePorts: []wire.PortRange{{Lower: 40000 + uint16(mid), Upper: 40000 + uint16(mid)}},
	}}}
}

// acted enters a request that holds a device back unasked.
func acted(q *Requests, mac packet.MAC, at time.Time, state RequestState) {
	r := q.Enter(entry("isp", uint32(q.LastID)), PolicyFlow)
	r.Devices, r.State, r.Acted, r.Unasked = []packet.MAC{mac}, state, at, true
}

func TestJudge(t *testing.T) {
	one := culprit.Finding{Suspects: []culprit.Suspect{{MAC: bulb}}}
	two := culprit.Finding{Suspects: []culprit.Suspect{{MAC: bulb}, {MAC: tv}}, Doubt: say.New("ask.count", 2)}
	for _, c := range []struct {
		name    string
		policy  string
		most    int
		finding culprit.Finding
		facts   Facts
		before  func(*Requests)
		want    RequestState
	}{
		{"one device", PolicyFlow, 1, one, Facts{}, nil, Active},
		{"nobody", PolicyFlow, 1, culprit.Finding{}, Facts{}, nil, Failed},
		{"nobody, recorded only", PolicyLog, 1, culprit.Finding{}, Facts{}, nil, Failed},
		{"recorded only", PolicyLog, 1, one, Facts{}, nil, Logged},
		{"asked always", PolicyAsk, 1, one, Facts{}, nil, Asking},
		{"two devices", PolicyDevice, 9, two, Facts{}, nil, Asking},
		{"a contested MAC", PolicyDevice, 1, one, Facts{Contested: true}, nil, Asking},
		{"a repeater", PolicyFlow, 1, one, Facts{Several: true}, nil, Asking},
		{"the owner's device", PolicyDevice, 1, one, Facts{Owner: true}, nil, Active},
		{"one more at once", PolicyFlow, 1, one, Facts{}, func(q *Requests) { acted(q, tv, noon.Add(-2*time.Hour), Active) }, Asking},
		{"two at once allowed", PolicyFlow, 2, one, Facts{}, func(q *Requests) { acted(q, tv, noon.Add(-2*time.Hour), Active) }, Active},
		{"the same device again", PolicyFlow, 1, one, Facts{}, func(q *Requests) { acted(q, bulb, noon.Add(-time.Minute), Active) }, Active},
		{"another is back", PolicyFlow, 1, one, Facts{}, func(q *Requests) { acted(q, tv, noon.Add(-time.Minute), ExpiredOver) }, Active},
		{"the third within an hour", PolicyFlow, 9, one, Facts{}, func(q *Requests) {
			acted(q, tv, noon.Add(-50*time.Minute), ExpiredOver)
			acted(q, cam, noon.Add(-time.Minute), Released)
		}, Asking},
		{"let go by the owner before", PolicyFlow, 9, one, Facts{}, func(q *Requests) {
			acted(q, bulb, noon.Add(-2*time.Minute), Released)
			q.List[0].Spared = noon.Add(-time.Minute)
		}, Asking},
		{"the third in two hours", PolicyFlow, 9, one, Facts{}, func(q *Requests) {
			acted(q, tv, noon.Add(-70*time.Minute), ExpiredOver)
			acted(q, cam, noon.Add(-time.Minute), Released)
		}, Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			var q Requests
			if c.before != nil {
				c.before(&q)
			}
			r := q.Enter(entry("isp", 99), c.policy)
			got := q.Judge(noon, r, Rule{c.policy, c.most}, c.finding, func(packet.MAC) Facts { return c.facts })
			if got.State != c.want || got.Why.IsZero() != (c.want == Active) {
				t.Errorf("verdict %+v, want %s", got, c.want)
			}
		})
	}
}

func TestTheOwnersDeviceLosesNoMoreThanTheTraffic(t *testing.T) {
	for _, c := range []struct {
		policy  string
		devices []packet.MAC
		owner   bool
		want    string
	}{
		{PolicyDevice, []packet.MAC{bulb}, false, "full"},
		{PolicyDevice, []packet.MAC{bulb}, true, "flow"},
		{PolicyDevice, []packet.MAC{bulb, tv}, false, "flow"},
		{PolicyAsk, []packet.MAC{bulb}, false, "flow"},
	} {
		r := Request{Policy: c.policy, Devices: c.devices}
		if got := r.Level(bulb, func(packet.MAC) Facts { return Facts{Owner: c.owner} }); got != c.want {
			t.Errorf("%+v: level %s", c, got)
		}
	}
}

func TestWhatIsLegitimateIsRememberedByTrafficAndDevice(t *testing.T) {
	var q Requests
	r := q.Enter(entry("isp", 1), PolicyAsk)
	r.Devices = []packet.MAC{bulb}
	q.Remember(r)
	same, otherPort := entry("isp", 1).Request.Scope, entry("isp", 2).Request.Scope
	m := q.Meant[0]
	found := func(macs ...packet.MAC) (f culprit.Finding) {
		for _, mac := range macs {
			f.Suspects = append(f.Suspects, culprit.Suspect{MAC: mac})
		}
		return f
	}
	if !m.SameRequest("isp", same) || m.SameRequest("other", same) || m.SameRequest("isp", otherPort) {
		t.Error("the same request is one of the same provider, from the same port")
	}
	if !m.SameDevice("isp", otherPort, found(bulb)) || m.SameDevice("isp", otherPort, found(tv)) || m.SameDevice("isp", otherPort, found(bulb, tv)) {
		t.Error("the same traffic is that of the same device, from any port")
	}
	if !q.Remembers(r.ID) || !q.Forget(r.ID) || q.Remembers(r.ID) || q.Forget(r.ID) {
		t.Error("it is not forgotten once")
	}
}

func TestTheListOfRequestsIsBounded(t *testing.T) {
	var q Requests
	waiting := q.Enter(entry("isp", 0), PolicyFlow)
	for i := range maxRequests + 10 {
		q.Enter(entry("isp", uint32(i+1)), PolicyFlow).State = ExpiredOver
	}
	if len(q.List) != maxRequests || q.Get(waiting.ID) == nil || q.Get("r2") != nil || q.Stores()[0].Evicted != 11 {
		t.Errorf("%d requests, %+v; the one that waits is there: %v", len(q.List), q.Stores(), q.Get(waiting.ID) != nil)
	}
	if open := q.Open(waiting.Entry.Key); open != waiting || len(q.Entries()) != 1 {
		t.Errorf("open is %+v of %d", open, len(q.Entries()))
	}
}

func TestStatusFollowsTheAttack(t *testing.T) {
	var m Meter
	r := Request{State: Active, Acted: noon}
	check := func(at time.Duration, packets uint64, want wire.Status) {
		t.Helper()
		r.Count(noon.Add(at), &m, packets, 100*packets)
		if got := r.Status(noon.Add(at)); got != want {
			t.Errorf("after %v: status %d, want %d", at, got, want)
		}
	}
	check(0, 0, wire.InProgress)
	r.Held = true
	check(time.Second, 0, wire.Mitigated)
	check(30*time.Second, 300, wire.Mitigated)
	check(89*time.Second, 300, wire.Mitigated)
	check(90*time.Second, 300, wire.Stopped)
	check(100*time.Second, 400, wire.Mitigated)
	if r.Dropped.PacketsRate != 4 || r.Dropped.BytesRate != 400 {
		t.Errorf("rates %+v, want 4 packets/s and 400 bytes/s", r.Dropped)
	}
	check(1000*time.Second, 400, wire.Stopped)
	if check(1301*time.Second, 400, wire.Stopped); r.Dropped.PacketsRate != 0 {
		t.Errorf("five quiet minutes later the rate is %d", r.Dropped.PacketsRate)
	}
	for state, want := range map[RequestState]wire.Status{
		Asking: wire.InProgress, Failed: wire.Exceeded, Logged: wire.Exceeded, Released: wire.ServerEnded,
	} {
		if got := (&Request{State: state}).Status(noon); got != want {
			t.Errorf("%s: status %d, want %d", state, got, want)
		}
	}
}

// TestRequestsOutliveAClockThatIsSet keeps apart those that came before from those of an earlier run or after.
func TestRequestsOutliveAClockThatIsSet(t *testing.T) {
	boot := time.Unix(30, 0)
	jump := capture.Jump{By: noon.Sub(boot), From: boot, To: boot.Add(time.Minute), Since: noon}
	for _, c := range []struct {
		name           string
		received, want time.Time
	}{
		{"before", boot.Add(20 * time.Second), noon.Add(20 * time.Second)},
		{"after", noon.Add(30 * time.Second), noon.Add(30 * time.Second)},
		{"in an earlier run", noon.Add(-time.Hour), noon.Add(-time.Hour)},
	} {
		var q Requests
		e := entry("isp", 1)
		e.Received, e.Ends = c.received, c.received.Add(2*time.Hour)
		r := q.Enter(e, PolicyFlow)
		r.Acted = c.received.Add(time.Second)
		q.Jump(jump)
		if !r.Entry.Received.Equal(c.want) || !r.Entry.Ends.Equal(c.want.Add(2*time.Hour)) || !r.Acted.Equal(c.want.Add(time.Second)) || !r.Spared.IsZero() {
			t.Errorf("%s: received %v, ends %v, acted %v, spared %v", c.name, r.Entry.Received, r.Entry.Ends, r.Acted, r.Spared)
		}
	}
}

func TestWhatWasLeftUnderAWrongClockIsLeftStill(t *testing.T) {
	var q Requests
	wrong, e := time.Unix(100, 0), entry("isp", 1)
	e.Received, e.Ends = wrong.Add(-time.Minute), wrong.Add(time.Hour)
	q.Enter(e, PolicyFlow)
	e.Received, e.Ends = noon.Add(-time.Hour), noon.Add(time.Hour) // under a right clock, before the router booted
	q.Enter(e, PolicyFlow)
	q.Unsure(wrong, noon, 24*time.Hour)
	for _, e := range q.Entries() {
		if !e.Ends.Equal(noon.Add(time.Hour)) {
			t.Errorf("one ends %v, want an hour from noon", e.Ends)
		}
	}
}
