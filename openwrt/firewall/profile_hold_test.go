package firewall

import (
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// holding is a camera's profile with a name, whose answers somebody wants to have before the camera.
func holding(t *testing.T) State {
	t.Helper()
	s := profileStates["profile"](t)
	s.Log.Hold = 9
	return s
}

func TestAnswersAreHeldForAsLongAsSomebodySaysThatHeSendsThemOn(t *testing.T) {
	now := noon
	ns, f := openBy(t, &now)
	want := func(what, elements string) { wantMembers(t, ns, what, tableName, setAwake, elements) }
	awake := func(d time.Duration) {
		t.Helper()
		if err := f.Awake(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	awake(time.Minute) // before there is anything: it comes with the rules
	apply(t, f, holding(t))
	want("at first", "udp timeout 1m")
	text := listing(t, ns)
	golden(t, "profile-hold.nft", chainsOf(text, chainHold)+chainsOf(text, chainAnswers))
	now = now.Add(30 * time.Second)
	awake(time.Minute)
	want("said again", "udp timeout 1m")
	now = now.Add(20 * time.Second)
	s := holding(t)
	s.Log.Group = 10
	apply(t, f, s)
	want("with other rules", "udp timeout 40s")
	awake(0)
	want("taken back", "")
	s.Profiles[0].Mode = Watch
	apply(t, f, s)
	if text = listing(t, ns); strings.Contains(text, chainHold) {
		t.Error("answers to a device that is only watched are held")
	}
	awake(time.Minute) // for nobody
}

// chainsOf are the lines of a listing that speak of a chain, with the chain itself.
func chainsOf(text, chain string) string {
	var out []string
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		inside = inside || strings.Contains(line, "chain "+chain+" {")
		if inside || strings.Contains(line, chain) {
			out = append(out, strings.TrimSpace(line))
		}
		inside = inside && strings.TrimSpace(line) != "}"
	}
	return strings.Join(out, "\n") + "\n"
}

// Where nobody sends answers on, they pass; where somebody says that he does, and does not, they do not.
func TestADeviceGetsItsAnswersWhereNobodySendsThemOn(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := h.state()
	s.Log.Hold = 9
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	apply(t, h.firewall, s)
	if _, err := h.cam.Lookup(t.Context(), "A", "up.cam.example.net"); err != nil {
		t.Errorf("nobody is awake: %v", err)
	}
	if err := h.firewall.Awake(t.Context(), 3*time.Second); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := h.laptop.Lookup(t.Context(), "A", "up.cam.example.net"); err != nil {
		t.Errorf("a device without a profile: %v", err)
	}
	eventually(t, "answers pass again", func() bool {
		_, err := h.cam.Lookup(t.Context(), "A", "up.cam.example.net")
		return err == nil
	})
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("the camera had an answer after %v", took)
	}
}
