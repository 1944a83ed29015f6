package agent

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/agent/state"
)

// TestAnUpgradeOfTheRouterIsToldAsAGap starts an agent before and after, with and without the package in the new system.
func TestAnUpgradeOfTheRouterIsToldAsAGap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "openwrt_release")
	install := func(version string) {
		if err := os.WriteFile(path, []byte("DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='"+version+"'\nDISTRIB_REVISION='r1'\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := state.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(t.TempDir(), "restored")
	start := func() string {
		var o Options
		o.setDefaults()
		h := newHome(o, slog.New(slog.DiscardHandler))
		h.checkFirmware(dir, path, mark)
		list, _ := h.events.Since(0, 10)
		var texts []string
		for _, e := range list {
			texts = append(texts, e.Text.String())
		}
		return strings.Join(texts, "\n")
	}
	install("24.10.1")
	if said := start() + start(); said != "" {
		t.Errorf("at first, and again, it said %q", said)
	}
	install("24.10.2")
	if said := start(); !strings.Contains(said, "from 24.10.1 r1 to 24.10.2 r1") {
		t.Errorf("after the upgrade it said %q", said)
	}
	if said := start(); said != "" {
		t.Errorf("at the next start it said %q", said)
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	install("25.12.0")
	if said := start(); said != "" {
		t.Errorf("with the package in the new system it said %q", said)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if said := start(); said != "" {
		t.Errorf("elsewhere it said %q", said)
	}
}
