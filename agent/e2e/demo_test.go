package e2e

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// demo is a running demonstration.
type demo struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr lines
	doneC          chan struct{}
	err            error
}

// startDemo starts the program's demo with its own place for temporary files.
func startDemo(t *testing.T, tmp string, change func(*exec.Cmd)) *demo {
	t.Helper()
	d := &demo{t: t, doneC: make(chan struct{})}
	d.cmd = exec.Command(program, "demo", "-listen", "127.0.0.1:0")
	d.cmd.Stdout, d.cmd.Stderr = &d.stdout, &d.stderr
	d.cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	if change != nil {
		change(d.cmd)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.doneC)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		<-d.doneC
		if t.Failed() {
			t.Logf("the demo said:\n%s%s", d.stderr.String(), d.stdout.String())
		}
	})
	return d
}

// up waits for the two lines that say where it is.
func (d *demo) up() (page, socket string) {
	d.t.Helper()
	up := func() bool { return d.stdout.with("socket ") != "" }
	if !within(60*time.Second, func() bool { return up() || d.ended() }) || !up() {
		d.t.Fatalf("the demo did not come up: %s", d.stderr.String())
	}
	return strings.TrimPrefix(d.stdout.with("page "), "page "), strings.TrimPrefix(d.stdout.with("socket "), "socket ")
}

func (d *demo) ended() bool {
	select {
	case <-d.doneC:
		return true
	default:
		return false
	}
}

// end sends a signal and returns the exit code.
func (d *demo) end(s syscall.Signal) int {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
	if !within(patience, d.ended) {
		d.t.Fatalf("the demo goes on after %v", s)
	}
	var exit *exec.ExitError
	if errors.As(d.err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// children are the processes that name a directory in their command line.
func children(t *testing.T, dir string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), dir) { // else it has ended meanwhile
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// TestTwoDemosAtOnceShowEveryDeviceByName, and leave nothing when they are told to end.
func TestTwoDemosAtOnceShowEveryDeviceByName(t *testing.T) {
	tmp := t.TempDir()
	demos := []*demo{startDemo(t, tmp, nil), startDemo(t, tmp, nil)}
	var pages []string
	for _, d := range demos {
		page, socket := d.up()
		pages = append(pages, page)
		addr, err := netip.ParseAddrPort(strings.TrimSuffix(strings.TrimPrefix(page, "http://"), "/"))
		if err != nil || !addr.Addr().IsLoopback() {
			t.Errorf("the page is at %q", page)
		}
		for name, at := range map[string]door{"page": hostTCP(addr), "socket": bySocket(socket)} {
			missing := household()
			if !within(patience, func() bool {
				missing = missingIn(at)
				return len(missing) == 0
			}) {
				t.Errorf("by its %s these are not known by name: %q", name, missing)
			}
		}
		if d.stdout.String() != "page "+page+"\nsocket "+socket+"\n" {
			t.Errorf("it printed %q", d.stdout.String())
		}
	}
	if pages[0] == pages[1] {
		t.Errorf("both are at %s", pages[0])
	}
	for i, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if code := demos[i].end(s); code != 0 {
			t.Errorf("after %v the exit code is %d", s, code)
		}
	}
	if left := entries(t, tmp); len(left) != 0 {
		t.Errorf("they left %q", left)
	}
	if left := children(t, tmp); len(left) != 0 {
		t.Errorf("these still run: %q", left)
	}
}

// TestAfterAKillTheNextDemoSweeps: a kill -9 leaves a directory at most, and not for long.
func TestAfterAKillTheNextDemoSweeps(t *testing.T) {
	tmp := t.TempDir()
	first := startDemo(t, tmp, nil)
	first.up()
	first.end(syscall.SIGKILL)
	if !within(patience, func() bool { return len(children(t, tmp)) == 0 }) {
		t.Errorf("these survive kill -9: %q", children(t, tmp))
	}
	old := entries(t, tmp)
	second := startDemo(t, tmp, nil)
	second.up()
	for _, name := range old {
		if slices.Contains(entries(t, tmp), name) {
			t.Errorf("%s was not swept", name)
		}
	}
	if code := second.end(syscall.SIGINT); code != 0 || len(entries(t, tmp)) != 0 {
		t.Errorf("the second ends with %d and leaves %q", code, entries(t, tmp))
	}
}

// TestADemoThatIsToldToEndEarlyLeavesNothing tries moments of its start.
func TestADemoThatIsToldToEndEarlyLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	for _, begun := range []string{"building", "ready "} {
		d := startDemo(t, tmp, nil)
		if !within(patience, func() bool { return d.stderr.with(begun) != "" }) {
			t.Fatalf("it never said %q", begun)
		}
		d.end(syscall.SIGINT)
		if left := entries(t, tmp); len(left) != 0 {
			t.Errorf("interrupted when it said %q it left %q", begun, left)
		}
		if left := children(t, tmp); len(left) != 0 {
			t.Errorf("these still run: %q", left)
		}
	}
}

func TestADemoWithoutRootSaysSo(t *testing.T) {
	tmp := t.TempDir()
	open(t, tmp)
	d := startDemo(t, tmp, asNobody)
	if !within(patience, d.ended) {
		t.Fatal("it goes on")
	}
	said := d.stderr.String()
	if code := d.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(said, "needs root") || strings.Count(said, "\n") != 1 {
		t.Errorf("exit code %d, it said %q", code, said)
	}
	if left := entries(t, tmp); len(left) != 0 {
		t.Errorf("it left %q", left)
	}
}

// household are the names of the lab's devices.
func household() (names []string) {
	for _, s := range lab.Household() {
		names = append(names, s.Name)
	}
	return names
}

// missingIn are the devices of the household that an agent does not know by name.
func missingIn(at door) []string {
	_, answer, err := at.send("GET", "/api/v1/devices", "")
	var list struct {
		Devices []ui.Device `json:"devices"`
	}
	if err != nil || json.Unmarshal(answer, &list) != nil {
		return household()
	}
	return slices.DeleteFunc(household(), func(name string) bool {
		return slices.ContainsFunc(list.Devices, func(d ui.Device) bool { return d.Name == name })
	})
}
