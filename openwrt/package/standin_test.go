package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestGoGoesOnWithWhatStandsIn has Go's own code call what stands in for a part of it: where another version of Go wants
// something else of it, this or the build fails.
func TestGoGoesOnWithWhatStandsIn(t *testing.T) {
	env := append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	overlay, err := writeOverlay(t.Context(), root, t.TempDir(), env)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-overlay", overlay, "./openwrt/package/standin/...")
	cmd.Dir, cmd.Env = root, env
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
