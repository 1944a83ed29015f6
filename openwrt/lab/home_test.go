package lab

import (
	"os"
	"strings"
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
