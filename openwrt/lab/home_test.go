package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// startHome starts a home for one test.
func startHome(t *testing.T, o Options) *Home {
	t.Helper()
	o.Dir = t.TempDir()
	h, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// quietHome starts a home of n devices called a, b, c … without habits.
func quietHome(t *testing.T, n int) *Home {
	t.Helper()
	var list []Spec
	for i := range n {
		list = append(list, Spec{Name: string(rune('a' + i))})
	}
	return startHome(t, Options{Devices: list})
}

func TestHomeComesUpWithALeaseForEveryDevice(t *testing.T) {
	began := time.Now()
	h := startHome(t, Options{Idle: true})
	t.Logf("a home of %d devices came up in %v", len(h.Devices()), time.Since(began).Round(time.Millisecond))

	leases, err := os.ReadFile(h.LeaseFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range h.Devices() {
		want := " " + d.MAC + " " + d.IPv4().String() + " " + d.Name + " "
		if !strings.Contains(string(leases), want) {
			t.Errorf("no lease like %q in\n%s", want, leases)
		}
		if !lanRouter6.Contains(d.IPv6()) {
			t.Errorf("%s has %v, want an address in %v", d.Name, d.IPv6(), lanRouter6.Masked())
		}
	}
}

func TestEveryDeviceOfTheHouseholdIsServedByTheInternet(t *testing.T) {
	h := startHome(t, Options{})
	for device, host := range map[string]string{
		"front-door-cam": "up.cam.example.net", "living-room-tv": "play.filmbox.example",
		"thermostat": "api.warmhome.example", "bedroom-speaker": "audio.tunes.example",
		"robot-vacuum": "map.sweeper.example", "garden-cam": "ingest.gardeneye.example",
		"kids-tablet": "video.kidstube.example",
	} {
		eventually(t, device+" is served as "+host, func() bool {
			s := h.Served(host)
			return s.Requests > 0 && s.Received+s.Sent > 0
		})
	}
}

func TestAStoppedDeviceSendsNothingMore(t *testing.T) {
	const host = "up.cam.example.net"
	h := startHome(t, Options{Devices: []Spec{
		{Name: "cam", Habits: []Habit{Uploads(host, 4000, 10*time.Millisecond)}},
	}})
	cam := h.Device("cam")
	received := func() int64 { return h.Served(host).Received }
	eventually(t, "the camera uploads", func() bool { return received() > 0 })

	cam.Stop()
	var last int64
	eventually(t, "the internet has read the rest", func() bool {
		before := last
		last = received()
		time.Sleep(50 * time.Millisecond)
		return before == last && last == received()
	})
	cam.Start()
	eventually(t, "the camera uploads again", func() bool { return received() > last })
}

func TestCloseIsQuickAmidHabits(t *testing.T) {
	h := startHome(t, Options{})
	began := time.Now()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v, want at most 10s", took)
	}
	if _, err := os.Stat(h.Dir()); !os.IsNotExist(err) {
		t.Errorf("the home's directory: %v, want it gone", err)
	}
}

func TestSeveralHomesAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 3 {
		dir := t.TempDir()
		wg.Go(func() {
			h, err := Start(t.Context(), Options{Dir: dir, Devices: []Spec{{Name: fmt.Sprintf("only-%d", i)}}})
			if err != nil {
				t.Error(err)
				return
			}
			defer h.Close()
			if addr, err := h.Devices()[0].Lookup(t.Context(), "A", "up.cam.example.net"); err != nil {
				t.Errorf("home %d: %v, %v", i, addr, err)
			}
		})
	}
	wg.Wait()
}

func TestSpecsAreChecked(t *testing.T) {
	for what, list := range map[string][]Spec{
		"a name for a shell": {{Name: "a;reboot"}},
		"an empty name":      {{}},
		"two of a name":      {{Name: "a"}, {Name: "a"}},
		"no MAC":             {{Name: "a", MAC: "02:00"}},
		"two of a MAC":       {{Name: "a", MAC: "02:00:00:00:00:09"}, {Name: "b", MAC: "02-00-00-00-00-09"}},
		"too many":           make([]Spec, maxDevices+1),
	} {
		if h, err := Start(t.Context(), Options{Dir: t.TempDir(), Devices: list}); err == nil {
			t.Errorf("%s was accepted", what)
			h.Close()
		}
	}
}

func TestHomeComesUpWithDuplicateAddressDetection(t *testing.T) {
	h := startHome(t, Options{DAD: true, Idle: true, Devices: []Spec{{Name: "a"}}})
	if a := h.Device("a").Addrs(); len(a) != 4 { // IPv4, link-local and one for each prefix
		t.Errorf("the device has %v, want four addresses", a)
	}
}

func TestAHookThatFailsEndsTheStart(t *testing.T) {
	want := errors.New("as told")
	h, err := Start(t.Context(), Options{Dir: t.TempDir(), BeforeJoin: func(context.Context, *Home) error { return want }})
	if !errors.Is(err, want) {
		t.Errorf("got %v, %v, want %v", h, err, want)
	}
}
