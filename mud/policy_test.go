package mud

import (
	"os"
	"testing"
)

func compile(t *testing.T, strict bool) Policy {
	t.Helper()
	data, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	f, found := Parse(data)
	if f == nil {
		t.Fatal(found)
	}
	return f.Compile(strict)
}

func states(rules []Rule) map[string]State {
	out := map[string]State{}
	for _, r := range rules {
		if !r.Default {
			out[r.Name] = r.State
		}
	}
	return out
}

// To the letter, whoever answers for cloud.example.com may call the device from port 443: the file does not say who
// opens the connection that its second half describes.
func TestSafeReading(t *testing.T) {
	safe := compile(t, false)
	for name, want := range map[string]State{"cloud": Answers, "pong": Answers, "alone": Opens, "web": Opens, "ssdp": Packets} {
		if got := states(safe.To)[name]; got != want {
			t.Errorf("to the device, %s %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]State{"cloud": Opens, "ping": Opens, "web": Answers, "no-mail": Packets} {
		if got := states(safe.From)[name]; got != want {
			t.Errorf("from the device, %s %s, want %s", name, got, want)
		}
	}
}

func TestStrictReading(t *testing.T) {
	strict := compile(t, true)
	if got := states(strict.To)["cloud"]; got != Packets {
		t.Errorf("to the device, cloud %s: to the letter it is about every packet", got)
	}
	for _, r := range append(strict.From, strict.To...) {
		if r.Default && r.Protocol == TCP {
			t.Error("to the letter RFC 8520 allows DNS over UDP only")
		}
	}
}

// A drop comes before the accept that follows it, and the defaults come last.
func TestOrder(t *testing.T) {
	var names []string
	for _, r := range compile(t, false).From {
		names = append(names, r.Name)
	}
	if names[2] != "no-mail" || names[3] != "low" {
		t.Errorf("order is %q", names)
	}
	if last := names[len(names)-1]; last != "" {
		t.Errorf("%q comes after the defaults", last)
	}
}

// An empty file allows the home's DNS and time, nothing else.
func TestDefaults(t *testing.T) {
	f, found := Parse([]byte(`{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://m.example/","last-update":"2026-01-31T12:00:00Z","is-supported":true}}`))
	if f == nil {
		t.Fatal(found)
	}
	p := f.Compile(false)
	for _, rules := range [][]Rule{p.From, p.To} {
		if len(rules) != 3 {
			t.Fatalf("rules %+v", rules)
		}
		for _, r := range rules {
			if r.Drop || r.Family != IPv4|IPv6 || r.Remote[0].Kind != Controller {
				t.Errorf("rule %+v", r)
			}
		}
	}
	for _, r := range p.To {
		if r.State != Answers {
			t.Errorf("servers may open connections to the device: %+v", r)
		}
	}
}
