package e2e

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab"
)

// watchFW4 wants the table of the router's own firewall to be the same when the test ends.
func watchFW4(t *testing.T, home *lab.Home) {
	t.Helper()
	before := fw4(t, home)
	t.Cleanup(func() {
		if diff := cmp.Diff(before, fw4(t, home)); diff != "" {
			t.Errorf("table inet fw4 (-before +after):\n%s", diff)
		}
	})
}

// fw4 is the table without what its rules counted.
func fw4(t *testing.T, home *lab.Home) string {
	t.Helper()
	router := home.Router()
	out, err := router.Run(router.Command(context.Background(), "nft", "--stateless", "list", "table", "inet", "fw4"))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// ownHome is a home that the test has for itself.
func ownHome(t *testing.T, names ...string) *lab.Home {
	t.Helper()
	return openHome(t, lab.Options{}, names...)
}

func openHome(t *testing.T, o lab.Options, names ...string) *lab.Home {
	t.Helper()
	for _, name := range names {
		o.Devices = append(o.Devices, lab.Spec{Name: name})
	}
	home, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Error(err)
		}
	})
	return home
}
