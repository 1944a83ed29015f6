package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
)

var golden = expect.Golden

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
