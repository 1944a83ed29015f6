package e2e

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	_ "spinneret/agent/cli" // what the program is made of: when it changes, no result is taken from the cache
	"spinneret/openwrt/lab"
)

// program is the path of the built program.
var program string

func TestMain(m *testing.M) { lab.Main(shared{m}) }

// shared runs the tests around what is made once for all of them: the program, and a home.
type shared struct{ *testing.M }

// Run builds the program and closes the home, if a test wanted one.
func (s shared) Run() int {
	dir, err := os.MkdirTemp("", "spinneret-e2e-")
	if err != nil {
		return complain(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // tests run it as nobody
		return complain(err)
	}
	program = filepath.Join(dir, "spinneret")
	if err := build(program); err != nil {
		return complain(err)
	}
	code := s.M.Run()
	if quiet.opened != nil {
		if err := quiet.opened.Close(); err != nil {
			return complain(err)
		}
	}
	return code
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// build makes the program as it is shipped, without the race detector of these tests.
func build(path string) error {
	cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", path, "spinneret/agent/cmd/spinneret")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return nil
}

// quiet is a home of devices without habits that the tests share, one after the other.
var quiet struct {
	sync.Once
	opened *lab.Home
	err    error
}

// quietHome is the shared home. Its devices are cam, which is cut off, and laptop, tv and lamp, which are not.
func quietHome(t *testing.T) *lab.Home {
	t.Helper()
	quiet.Do(func() {
		quiet.opened, quiet.err = lab.Start(context.Background(), lab.Options{
			Devices: []lab.Spec{{Name: "cam"}, {Name: "laptop"}, {Name: "tv"}, {Name: "lamp"}},
		})
	})
	if quiet.err != nil {
		t.Fatal(quiet.err)
	}
	speakUp(t, quiet.opened)
	return quiet.opened
}

// speakUp has every device send one packet to the router, which answers and so knows it again: all namespaces share the
// kernel's room for neighbours, and a test that floods it displaces those of others.
func speakUp(t *testing.T, home *lab.Home) {
	t.Helper()
	router, _, _ := home.LANAddr()
	for _, d := range home.Devices() {
		c, err := d.NS.Dial(t.Context(), "udp4", netip.AddrPortFrom(router, 9)) // discard, where nobody listens
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Write([]byte("here I am"))
		c.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
}
