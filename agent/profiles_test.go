package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spinneret/agent/breach"
	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/mud/fetch"
	"spinneret/mud/shelf"
	"spinneret/ui"
)

// TestADescriptionThatADeviceNames is looked up and watched, nothing more, until the owner says so.
func TestADescriptionThatADeviceNames(t *testing.T) {
	inLibrary(t, 2, func(l library) {
		if m := l.of(0); m.State != "none" || m.Mode != "off" || m.URL != nil || m.Approvals == nil {
			l.Errorf("before it is %+v", m)
		}
		l.names(0, lampURL)
		l.wantTold("names its maker's description, " + lampURL)
		if got := l.asked(); !slices.Equal(got, []string{lampURL}) {
			l.Fatalf("asked for is %q", got)
		}
		if m := l.of(0); m.State != "fetching" || m.Mode != "watch" || *m.URL != lampURL || *m.Source != "dhcp" {
			l.Errorf("then it is %+v", m)
		}
		l.gives(shelf.Delivery{Copy: l.file(true)})
		m := l.of(0)
		if m.State != "active" || *m.SystemInfo != "a lamp" || *m.SignedBy != "CN=maker" || len(m.Policy) < 3 || m.Expires == nil || m.Fetched == nil {
			l.Errorf("known it is %+v", m)
		}
		if len(m.Approvals) != 1 || m.Approvals[0].Kind != "entries" || len(m.Approvals[0].Policy) != 1 {
			l.Fatalf("what waits is %+v", m.Approvals)
		}
		d, err := l.Device(l.Context(), macOf(0).String())
		if err != nil || d.MUD == nil || d.MUD.State != "active" || len(d.MUD.Policy) != 0 || len(d.MUD.Approvals) != 1 {
			l.Errorf("in the device it is %+v, %v", d.MUD, err)
		}
		if d, _ := l.Device(l.Context(), macOf(1).String()); d.MUD != nil {
			l.Errorf("another device has %+v", d.MUD)
		}
		m, err = l.AnswerMUD(l.Context(), macOf(0).String(), ui.MUDAnswer{ID: m.Approvals[0].ID, Approve: true})
		if err != nil || len(m.Approvals) != 0 {
			l.Errorf("approved it is %+v, %v", m.Approvals, err)
		}
		l.wantTold("was approved by the owner")
	})
}

// TestTheRulesFollow what a device is held to: its policy and mode are there for whoever makes the rules.
func TestTheRulesFollow(t *testing.T) {
	inLibrary(t, 2, func(l library) {
		profiles := func() (list []profile) {
			if err := l.do(l.Context(), func() { list = l.allProfiles() }); err != nil {
				l.Fatal(err)
			}
			return list
		}
		applied := func() int {
			l.kernel.mu.Lock()
			defer l.kernel.mu.Unlock()
			return l.kernel.applied
		}
		l.names(1, lampURL)
		if p := profiles(); len(p) != 1 || p[0].MAC != macOf(1) || p[0].Known || p[0].Mode != shelf.Watch || p[0].URL.String() != lampURL {
			l.Errorf("profiles are %+v", p)
		}
		before := applied()
		l.gives(shelf.Delivery{Copy: l.file(true)})
		if p := profiles(); len(p) != 1 || !p[0].Known || len(p[0].Policy.From) < 2 || p[0].Source != shelf.DHCPv4 {
			l.Errorf("profiles are %+v", p)
		}
		if applied() == before {
			l.Error("the kernel was told nothing of a new policy")
		}
		before = applied()
		if _, err := l.AssignMUD(l.Context(), macOf(1).String(), ui.MUDOrder{Mode: "enforce"}); err != nil {
			l.Fatal(err)
		}
		l.tick()
		if p := profiles(); p[0].Mode != shelf.Enforce || applied() == before {
			l.Errorf("profiles are %+v, applied %d times, before %d", p, applied(), before)
		}
		before = applied()
		l.tick()
		if applied() != before {
			l.Error("rules are made anew where nothing changed")
		}
	})
}

func TestWhatTheOwnerCannotAskFor(t *testing.T) {
	inLibrary(t, 1, func(l library) {
		for want, o := range map[string]ui.MUDOrder{
			"422 invalid":     {URL: "http://lamps.example/"},
			"409 unsupported": {Mode: "enforce"},
		} {
			if _, err := l.AssignMUD(l.Context(), macOf(0).String(), o); code(t, err) != want {
				l.Errorf("%+v: %v, want %s", o, err, want)
			}
		}
		if _, err := l.AssignMUD(l.Context(), macOf(0).String(), ui.MUDOrder{File: []byte(`{}`)}); code(t, err) != "422 invalid" {
			l.Errorf("an empty file: %v", err)
		}
		if _, err := l.AnswerMUD(l.Context(), macOf(0).String(), ui.MUDAnswer{ID: "file-12345678", Approve: true}); code(t, err) != "409 unsupported" {
			l.Errorf("an answer to nothing: %v", err)
		}
		if _, err := l.MUD(l.Context(), macOf(9).String()); code(t, err) != "404 unknown-device" {
			l.Errorf("an unknown device: %v", err)
		}
		if m, err := l.RemoveMUD(l.Context(), macOf(0).String()); err != nil || m.State != "none" {
			l.Errorf("removing nothing: %+v, %v", m, err)
		}
		if told := l.told("mud"); len(told) != 0 {
			l.Errorf("told is %q", told)
		}
	})
}

// TestAnotherDescription has nothing to do with what was not as the one before said.
func TestAnotherDescription(t *testing.T) {
	inLibrary(t, 1, func(l library) {
		mac := macOf(0).String()
		order := ui.MUDOrder{File: []byte(lampFile), Mode: "watch"}
		for what, change := range map[string]func() (ui.MUD, error){
			"given another": func() (ui.MUD, error) { return l.AssignMUD(l.Context(), mac, order) },
			"given none":    func() (ui.MUD, error) { return l.RemoveMUD(l.Context(), mac) },
		} {
			if _, err := l.AssignMUD(l.Context(), mac, order); err != nil {
				l.Fatal(err)
			}
			if err := l.do(l.Context(), func() { l.violations.book.Add(breach.Packet{Kind: breach.Kind{Device: macOf(0)}, At: l.now()}) }); err != nil {
				l.Fatal(err)
			}
			if m := l.of(0); len(m.Recent) != 1 {
				l.Errorf("what it did is %+v", m.Recent)
			}
			if m, err := change(); err != nil || len(m.Recent) != 0 {
				l.Errorf("%s: what it did is %+v, %v", what, m.Recent, err)
			}
		}
	})
}

// TestAServerThatCannotBeReached is told of once.
func TestAServerThatCannotBeReached(t *testing.T) {
	inLibrary(t, 3, func(l library) {
		for i := range 3 {
			l.names(i, lampURL)
		}
		l.asked()
		for range 3 {
			l.gives(shelf.Delivery{Err: &fetch.Error{Kind: fetch.Unreachable, Err: fmt.Errorf("no route")}})
		}
		if told := l.told("mud"); len(told) != 4 || !strings.Contains(told[3], "and 2 more could not be got") {
			l.Errorf("told is %q", told)
		}
		if m := l.of(0); m.State != "failed" || len(m.Problems) != 1 || !strings.Contains(m.Problems[0], "no route") {
			l.Errorf("it is %+v", m)
		}
	})
}

// TestAHundredURLs of as many devices are not asked for at once, and take no more room than there is.
func TestAHundredURLs(t *testing.T) {
	inLibrary(t, 100, func(l library) {
		asked := 0
		for i := range 100 {
			l.names(i, fmt.Sprintf("https://flood%d.example/x", i))
			asked += len(l.asked())
		}
		if asked > shelf.AtOnce {
			l.Errorf("%d servers were asked while none answered", asked)
		}
		s, err := l.Status(l.Context())
		if err != nil {
			l.Fatal(err)
		}
		i := slices.IndexFunc(s.Stores, func(st ui.Store) bool { return st.Name == "makers' descriptions" })
		if i < 0 || s.Stores[i].Used != 32 || s.Stores[i].Limit != shelf.MaxTitles {
			l.Errorf("the stores are %+v, want 32 new descriptions a day", s.Stores)
		}
	})
}

// TestADeviceThatNamesTwoDescriptions, by DHCP and by LLDP, is held to the first; the owner is asked about the other.
func TestADeviceThatNamesTwoDescriptions(t *testing.T) {
	inLibrary(t, 1, func(l library) {
		l.names(0, lampURL)
		const other = "https://other.example/x"
		frame := []byte{0x06, 2, 0, 120, 0xfe, byte(4 + len(other)), 0, 0, 0x5e, 1}
		frame = append(append(frame, other...), 0, 0)
		l.lldp.Observe(&packet.Packet{EtherType: packet.EtherTypeLLDP, Payload: frame}, macOf(0), packet.MAC{})
		l.tick()
		l.wantTold("names another description than before, " + other)
		m := l.of(0)
		if *m.URL != lampURL || len(m.Approvals) != 1 || m.Approvals[0].URL != other || !strings.Contains(m.Approvals[0].Why[0], "lldp") {
			l.Errorf("it is %+v", m)
		}
		if got := l.asked(); !slices.Equal(got, []string{lampURL}) {
			l.Errorf("asked for is %q", got)
		}
	})
}

// TestAURLThatIsNone is counted, and nothing comes of it.
func TestAURLThatIsNone(t *testing.T) {
	inLibrary(t, 1, func(l library) {
		for _, url := range []string{"http://lamps.example/", "https://192.168.1.1/x", "https://user@lamps.example/", "file:///etc/passwd"} {
			l.names(0, url)
		}
		s, err := l.Status(l.Context())
		if err != nil || !slices.Contains(s.Losses, ui.Loss{Where: "MUD URLs that are none", Lost: 4}) || l.of(0).State != "none" {
			l.Errorf("losses are %+v, it is %+v, %v", s.Losses, l.of(0), err)
		}
	})
}

// TestDescriptionsOutliveTheProgram, and the owner's files nobody has any more are removed.
func TestDescriptionsOutliveTheProgram(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	mac := macOf(0).String()
	inLibrary(t, 1, func(l library) {
		l.keeps(dir)
		if _, err := l.AssignMUD(l.Context(), mac, ui.MUDOrder{File: []byte(lampFile), Mode: "watch"}); err != nil {
			l.Fatal(err)
		}
		l.tick()
	})
	if names, _ := dir.Names(copyPrefix); len(names) != 1 {
		t.Fatalf("written are %q", names)
	}
	inLibrary(t, 1, func(l library) {
		l.keeps(dir)
		if m := l.of(0); m.State != "active" || m.Mode != "watch" || !m.File || *m.URL != lampURL || *m.Source != "owner" || len(m.Approvals) != 0 {
			l.Errorf("after a restart it is %+v", m)
		}
		if _, err := l.RemoveMUD(l.Context(), mac); err != nil {
			l.Fatal(err)
		}
		l.tick()
		if names, _ := dir.Names(copyPrefix); len(names) != 0 {
			l.Errorf("left are %q", names)
		}
	})
}

// TestADamagedListOfDescriptionsIsToldOnce: what is read in its place is written down.
func TestADamagedListOfDescriptionsIsToldOnce(t *testing.T) {
	folder := t.TempDir()
	dir, err := state.Open(folder)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, profileFile), []byte("torn"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, told := range []int{1, 0} {
		inLibrary(t, 1, func(l library) {
			l.keeps(dir)
			l.tick()
			if got := l.told("mud"); len(got) != told {
				l.Errorf("told is %q, want %d of it", got, told)
			}
		})
	}
}
