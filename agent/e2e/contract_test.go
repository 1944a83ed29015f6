package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/ui"
)

// busyAgent is an agent that saw some of everything: names, flows to the internet and the router, a quarantine, an undo.
func busyAgent(t *testing.T) *agent {
	t.Helper()
	home := quietHome(t)
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	hello, err := laptop.DialTLS(t.Context(), "shop.market.example", 443)
	if err != nil {
		t.Fatal(err)
	}
	hello.Close()
	count(t, home, home.Device("tv"), "udp6")
	count(t, home, cam, "udp4")
	for _, d := range home.Devices() {
		a.device(d)
	}
	a.eventually("flows with a name and of the router are known", func() bool {
		named := slices.ContainsFunc(a.flows(laptop), func(f ui.Flow) bool { return f.Name != nil && *f.Name == "shop.market.example" })
		asked := slices.ContainsFunc(a.flows(laptop), func(f ui.Flow) bool { return f.Scope == "router" })
		return named && asked
	})
	a.cutOff(cam, `{"for":"1h"}`)
	a.eventually("something was refused", func() bool { return a.device(cam).Quarantine.RefusedPackets > 0 })
	return a
}

// TestMembersAreThoseOfTheContract holds every object of a running agent to its members. UPDATE=1 rewrites the list.
func TestMembersAreThoseOfTheContract(t *testing.T) {
	a := busyAgent(t)
	var text strings.Builder
	for _, request := range []string{
		"GET status", "GET devices", "GET devices/" + a.home.Device("cam").MAC, "GET flows", "GET events",
		"GET nowhere", `PUT devices/02:00:00:00:00:99/quarantine {}`, `PUT devices/02:00:00:00:00:01/quarantine {"for":"0s"}`,
	} {
		value := a.raw(request)
		members := map[string]bool{}
		walk("", value, func(path, _ string, _ any) { members[path] = true })
		fmt.Fprintf(&text, "%s\n", request)
		for _, m := range slices.Sorted(maps.Keys(members)) {
			fmt.Fprintf(&text, "\t%s\n", m)
		}
	}
	golden(t, "testdata/members.txt", text.String())
}

// TestValuesHaveTheFormsOfTheContract looks at every time, MAC and list in every answer.
func TestValuesHaveTheFormsOfTheContract(t *testing.T) {
	a := busyAgent(t)
	mac := regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)
	utc := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	times := strings.Fields("now started at since until firstSeen lastSeen first last time")
	lists := strings.Fields("levels lan wan stores losses blindSpots providers devices addresses quarantines findings flows events to")
	seen := map[string]int{}
	for _, request := range []string{"GET status", "GET devices", "GET flows", "GET events"} {
		walk("", a.raw(request), func(path, name string, value any) {
			where := request + " " + path
			seen[name]++
			switch text, isText := value.(string); {
			case slices.Contains(times, name) && path != "last" && (!isText || !utc.MatchString(text)) && (value != nil || name != "until" && name != "lastSeen"):
				t.Errorf("%s is %v, want a time in UTC", where, value)
			case slices.Contains([]string{"mac", "device", "peer"}, name) && value != nil && !mac.MatchString(text):
				t.Errorf("%s is %v, want a MAC in lower case with colons", where, value)
			case slices.Contains(lists, strings.TrimSuffix(name, "[]")) && !isList(value) && path != "devices":
				t.Errorf("%s is %v, want a list", where, value)
			}
		})
	}
	for _, name := range slices.Concat(times, []string{"mac", "device", "peer"}) {
		if seen[name] == 0 {
			t.Errorf("no answer had %q", name)
		}
	}
}

// TestStoresAreToldApart: each has a name of its own, a limit, and is within it.
func TestStoresAreToldApart(t *testing.T) {
	a := busyAgent(t)
	seen := map[string]bool{}
	for _, s := range a.status().Stores {
		if s.Name == "" || seen[s.Name] || s.Limit <= 0 || s.Used > s.Limit {
			t.Errorf("store %+v", s)
		}
		seen[s.Name] = true
	}
	if len(seen) == 0 {
		t.Error("there are no stores")
	}
}

func isList(value any) bool {
	_, ok := value.([]any)
	return ok
}

// raw sends "METHOD path body" through the socket and decodes the answer, whatever it is.
func (a *agent) raw(request string) (value any) {
	a.t.Helper()
	parts := strings.SplitN(request+"  ", " ", 3)
	_, answer, err := a.bySocket().send(parts[0], "/api/v1/"+parts[1], strings.TrimSpace(parts[2]))
	if err != nil {
		a.t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &value); err != nil {
		a.t.Fatalf("%s: %v: %s", request, err, answer)
	}
	return value
}

// walk visits every member of every object; a list's path ends in [].
func walk(path string, value any, visit func(path, name string, value any)) {
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			at := strings.TrimPrefix(path+"."+name, ".")
			if isList(v) {
				at += "[]"
			}
			visit(at, name, v)
			walk(at, v, visit)
		}
	case []any:
		for _, v := range value {
			walk(path, v, visit)
		}
	}
}

// golden compares with a file; UPDATE=1 rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), UPDATE=1 rewrites it:\n%s", path, diff)
	}
}

func TestDevicesComeByTheirFirstPacketThenByMAC(t *testing.T) {
	a := busyAgent(t)
	list := a.devices()
	sorted := slices.IsSortedFunc(list, func(x, y ui.Device) int {
		if c := x.FirstSeen.Compare(*y.FirstSeen); c != 0 {
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
	if !slices.IsSortedFunc(all.Flows, func(x, y ui.Flow) int { return y.Last.Compare(*x.Last) }) {
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
		since = time.Now().Add(-500 * time.Millisecond).UTC()
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

// TestRefusals tries what people and scripts get wrong against the running agent.
func TestRefusals(t *testing.T) {
	a := startAgent(t, quietHome(t))
	cam := a.home.Device("cam")
	a.device(cam)
	provider := "02:00:00:00:01:02" // the router's own WAN
	for _, c := range []struct {
		request string
		status  int
		code    string
		member  string
	}{
		{"GET devices/02:00:00:00:00:99", 404, "unknown-device", ""},
		{"GET devices/cam", 400, "bad-request", ""},
		{"GET flows?device=02:00:00:00:00:99&limit=0", 422, "invalid", "limit"},
		{"GET flows?limt=1", 400, "bad-request", "limt"},
		{"PUT " + quarantineOf(cam) + ` {"fro":"1h"}`, 400, "bad-request", "fro"},
		{"PUT " + quarantineOf(cam) + ` {"until":"2025-01-01T00:00:00Z"}`, 422, "invalid", "until"},
		{"PUT " + quarantineOf(cam) + ` {"level":"flow"}`, 422, "invalid", "to"},
		{"PUT " + quarantineOf(cam) + ` {`, 400, "bad-request", ""},
		{"PUT devices/" + provider + "/quarantine {}", 409, "router", ""},
		{"DELETE " + quarantineOf(cam) + "?source=me", 422, "invalid", "source"},
		{"POST devices", 405, "method-not-allowed", ""},
		{"GET requests", 404, "not-found", ""},
	} {
		parts := strings.SplitN(c.request+" ", " ", 3)
		status, answer, err := a.bySocket().send(parts[0], "/api/v1/"+parts[1], strings.TrimSpace(parts[2]))
		if err != nil {
			t.Fatal(err)
		}
		var p ui.Problem
		if err := json.Unmarshal(answer, &p); err != nil || status != c.status || p.Status != c.status || p.Code != c.code || p.Member != c.member {
			t.Errorf("%s: %d %s, %v", c.request, status, answer, err)
		}
	}
	if d := a.release(cam); d.Quarantine != nil {
		t.Errorf("to release who is not cut off is answered with %+v", d)
	}
}

// TestDoors: who is let in where.
func TestDoors(t *testing.T) {
	home := quietHome(t)
	router, laptop := home.Router(), home.Device("laptop")
	v4, _, _ := home.LANAddr()
	lan := netip.AddrPortFrom(v4, 8484)
	a := prepare(t, home, func(o options) options {
		return append(o.without("list listen").without("option auth"), "list listen '"+lan.String()+"'")
	})
	a.start()
	for name, d := range map[string]door{"the LAN": byTCP(laptop.NS, lan), "the router": byTCP(router, lan)} {
		for _, path := range []string{"/", "/api/v1/status", "/api/v1/stream"} {
			status, answer, err := d.send(http.MethodGet, path, "")
			if err != nil || status != http.StatusUnauthorized || !strings.Contains(string(answer), "login-required") {
				t.Errorf("with auth 1 %s from %s: %d %s, %v", path, name, status, answer, err)
			}
		}
	}
	if s := a.status(); s.Firewall.State == "" {
		t.Errorf("the socket says %+v", s)
	}
}

// TestOtherSitesAreKeptOut tries DNS rebinding and another site's page without a login.
func TestOtherSitesAreKeptOut(t *testing.T) {
	a := startAgent(t, quietHome(t))
	own := byTCP(a.home.Router(), a.page())
	if status, _, err := own.send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusOK {
		t.Errorf("the page's own request: %d, %v", status, err)
	}
	other := own
	other.host = "evil.example"
	if status, answer, err := other.send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusForbidden || !strings.Contains(string(answer), "bad-host") {
		t.Errorf("another name: %d %s, %v", status, answer, err)
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
