package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/ui"
)

func TestDevicesComeByTheirFirstPacketThenByMAC(t *testing.T) {
	a := busyAgent(t)
	list := a.devices()
	sorted := slices.IsSortedFunc(list, func(x, y ui.Device) int {
		if c := x.FirstSeen.Compare(y.FirstSeen.Time); c != 0 {
			return c
		}
		return strings.Compare(x.MAC, y.MAC)
	})
	if !sorted || len(list) != len(a.home.Devices()) {
		for _, d := range list {
			t.Error(d.FirstSeen, d.MAC, d.Name)
		}
	}
}

// TestFlowsAreSelected tries device, since, limit and more.
func TestFlowsAreSelected(t *testing.T) {
	a := busyAgent(t)
	laptop := a.home.Device("laptop")
	get := func(query string) (list struct {
		Flows []ui.Flow `json:"flows"`
		More  bool      `json:"more"`
	},
	) {
		t.Helper()
		a.get("flows?"+query, &list)
		return list
	}
	all := get("")
	if len(all.Flows) < 4 || all.More {
		t.Fatalf("%d flows, more %v", len(all.Flows), all.More)
	}
	if !slices.IsSortedFunc(all.Flows, func(x, y ui.Flow) int { return y.Last.Compare(x.Last.Time) }) {
		t.Error("the newest does not come first")
	}
	if one := get("limit=1"); len(one.Flows) != 1 || !one.More {
		t.Errorf("limit=1 gives %d flows, more %v", len(one.Flows), one.More)
	}
	for _, f := range get("device=" + strings.ToUpper(strings.ReplaceAll(laptop.MAC, ":", "-"))).Flows {
		if *f.Device != laptop.MAC && (f.Peer == nil || *f.Peer != laptop.MAC) {
			t.Errorf("asked for the laptop's, got %s", *f.Device)
		}
	}
	var since time.Time
	recent := all
	a.eventually("only some flows are of the last half second", func() bool {
		since = time.Now().Add(-500 * time.Millisecond).UTC().Truncate(time.Millisecond) // as times are told
		recent = get("since=" + url.QueryEscape(since.Format(time.RFC3339Nano)))
		return len(recent.Flows) > 0 && len(recent.Flows) < len(all.Flows)
	})
	for _, f := range recent.Flows {
		if f.Last.Before(since) {
			t.Errorf("a flow of %v is not since %v", f.Last, since)
		}
	}
	if none := a.raw("GET flows?since=2999-01-01T00:00:00Z").(map[string]any)["flows"]; !isList(none) {
		t.Errorf("no flows are %v, want an empty list", none)
	}
}

// TestEventsAreReadOn tries since and limit.
func TestEventsAreReadOn(t *testing.T) {
	a := busyAgent(t)
	for _, d := range a.home.Devices() {
		e := a.eventAfter(0, "device", d.Name+" joined")
		if e.Device == nil || *e.Device != d.MAC || e.Severity != "note" {
			t.Errorf("%s came as %+v", d.Name, e)
		}
	}
	all := a.events(0)
	for i, e := range all {
		if e.ID != int64(i+1) {
			t.Fatalf("event %d has the id %d", i, e.ID)
		}
	}
	if rest := a.events(2); len(rest) < len(all)-2 || rest[0].ID != 3 {
		t.Errorf("since=2 gives %d of %d, the first %d", len(rest), len(all), rest[0].ID)
	}
	var list struct {
		Events []ui.Event `json:"events"`
		Last   int64      `json:"last"`
	}
	a.get("events?limit=2", &list)
	if len(list.Events) != 2 || list.Events[0].ID != 1 || list.Last < all[len(all)-1].ID {
		t.Errorf("limit=2 gives %d from %d, last %d", len(list.Events), list.Events[0].ID, list.Last)
	}
}

// TestNamesAndOwners checks what the page groups by against what the device did.
func TestNamesAndOwners(t *testing.T) {
	a := busyAgent(t)
	laptop := a.home.Device("laptop")
	visit := func() (found ui.Flow) {
		for _, f := range a.flows(laptop) {
			if f.Name != nil && *f.Name == "shop.market.example" {
				found = f
			}
		}
		return found
	}
	a.eventually("the visit is counted", func() bool { return visit().RxBytes > 500 && visit().TxBytes > 200 })
	if f := visit(); *f.Owner != "market.example" || *f.OwnerSource != "domain" || *f.Port != 443 || f.Direction != "out" ||
		f.Scope != "internet" || f.Protocol != "tcp" || !slices.Contains([]string{"dns", "sni"}, *f.NameSource) {
		t.Errorf("the laptop's visit is %+v", f)
	}
}

// TestTheOwnersWordsStay: a name that the owner gives outlives the agent, and can be taken back.
func TestTheOwnersWordsStay(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	tv := home.Device("tv")
	a.device(tv)
	var d ui.Device
	a.ask(http.MethodPatch, "devices/"+tv.MAC, `{"name":"Ĝardenĉambro 📺","kind":"television","trusted":true}`, &d)
	if d.Name != "Ĝardenĉambro 📺" || d.NameSource != "owner" || d.Kind == nil || *d.Kind != "television" || !d.Trusted {
		t.Errorf("the answer is %+v", d)
	}
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	a.stderr.reset()
	a.start()
	if d := a.device(tv); d.Name != "Ĝardenĉambro 📺" || !d.Trusted {
		t.Errorf("after the next start the device is %+v", d)
	}
	a.ask(http.MethodPatch, "devices/"+tv.MAC, `{"name":null}`, &d)
	a.eventually("its own name is back", func() bool { return a.device(tv).Name == "tv" && a.device(tv).NameSource == "dhcp" })
}
