package uci

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOffloadIsReadFromTheFirewallsDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "firewall")
	if _, err := ReadOffload(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for content, want := range map[string]Offload{
		"": {},
		"config defaults\n\toption input 'REJECT'\n\nconfig zone\n\toption name 'lan'\n\toption flow_offloading '1'\n": {},
		"config defaults\n\toption flow_offloading '1'\n":                                                              {Software: true},
		"config defaults\n\toption flow_offloading 1\n\toption flow_offloading_hw 'on'\n":                              {true, true},
		"config defaults\n\toption flow_offloading '0'\n\toption flow_offloading_hw '1'\n":                             {},
		"config defaults 'd'\n\toption flow_offloading '1'\n\toption flow_offloading '0'\n":                            {},
		"config defaults\n\toption flow_offloading 'perhaps'\n":                                                        {},
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadOffload(path); got != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", content, got, err, want)
		}
	}
	if err := os.WriteFile(path, []byte("config defaults\n\toption flow_offloading '1'\nwhat\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadOffload(path); !got.Software || err == nil || !strings.Contains(err.Error(), ":3: ") {
		t.Errorf("with a broken line: %+v, %v", got, err)
	}
}
