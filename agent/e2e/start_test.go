package e2e

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"spinneret/openwrt/lab"
)

// nobody is a user without rights.
const nobody = 65534

// obstacle is what keeps the program from starting.
type obstacle struct {
	change func(options) options
	before func(t *testing.T, a *agent)
	launch func(*exec.Cmd)
	want   []string
}

var obstacles = map[string]obstacle{
	"no LAN is named": {
		change: func(o options) options { return o.without("list lan") },
		want:   []string{"add: list lan 'br-lan'"},
	},
	"the LAN is not there": {
		change: func(o options) options { return append(o.without("list lan"), "list lan 'br-home'") },
		want:   []string{`"br-home" does not exist`, "br-lan"},
	},
	"the LAN is a port of a bridge": {
		change: func(o options) options { return append(o.without("list lan"), "list lan 'lan1'") },
		want:   []string{"list lan 'br-lan'"},
	},
	"an option is mistyped": {
		change: func(o options) options { return append(o, "option auht '1'") },
		want:   []string{"spinneret.conf:8:", "auht"},
	},
	"there is no configuration": {
		before: func(t *testing.T, a *agent) { os.Remove(a.config) },
		want:   []string{"spinneret.conf"},
	},
	"no login, and others can come": {
		change: func(o options) options { return append(o.without("list listen"), "list listen '0.0.0.0:8484'") },
		want:   []string{"auth is 0", "option auth '1'"},
	},
	"the port that was asked for is taken": {
		before: func(t *testing.T, a *agent) { listen(t, a.home.Router(), "127.0.0.1:8498") },
		launch: func(c *exec.Cmd) { c.Args = append(c.Args, "-listen", "127.0.0.1:8498") },
		want:   []string{"127.0.0.1:8498", "another program has the port", "-listen"},
	},
	"the socket's place is taken by a link": {
		before: func(t *testing.T, a *agent) {
			if err := os.Symlink("/etc/hostname", a.socket); err != nil {
				t.Fatal(err)
			}
		},
		want: []string{"api.sock", "no socket", "-socket"},
	},
	"the socket's place is taken by a file": {
		before: func(t *testing.T, a *agent) { touch(t, a.socket) },
		want:   []string{"api.sock", "no socket", "-socket"},
	},
	"it is not root": {
		launch: asNobody,
		want:   []string{"root"},
	},
	"it is not root, but may write": {
		before: func(t *testing.T, a *agent) { open(t, filepath.Dir(a.config)) },
		launch: asNobody,
		want:   []string{"root"},
	},
}

// listen takes a port of the router until the test ends.
func listen(t *testing.T, router *lab.NS, addr string) {
	t.Helper()
	err := router.Do(func() error {
		l, err := net.Listen("tcp", addr)
		if err == nil {
			t.Cleanup(func() { l.Close() })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatKeepsItFromStarting wants exit code 1 and one line that says what to do.
func TestWhatKeepsItFromStarting(t *testing.T) {
	home := quietHome(t)
	for name, c := range obstacles {
		t.Run(name, func(t *testing.T) {
			a := prepare(t, home, c.change)
			if c.before != nil {
				c.before(t, a)
			}
			a.launch(c.launch)
			t.Cleanup(a.clean)
			if code := a.wait(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			said := a.stderr.String()
			if strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "spinneret: ") {
				t.Errorf("it said %q, want one line", said)
			}
			for _, words := range c.want {
				if !strings.Contains(said, words) {
					t.Errorf("it said %q, want %q in it", said, words)
				}
			}
			if nftList(home.Router(), "table", "inet", "spinneret") != "" {
				t.Error("it left a table behind")
			}
		})
	}
}

func asNobody(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// open lets everybody into a directory of a test, and into those above it.
func open(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for dir = filepath.Dir(dir); strings.HasPrefix(dir, os.TempDir()) && dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestASecondAgentIsKeptOut, and the first does not suffer.
func TestASecondAgentIsKeptOut(t *testing.T) {
	home := quietHome(t)
	first := startAgent(t, home)
	cam := home.Device("cam")
	first.device(cam)
	first.cutOff(cam, "")
	for name, c := range map[string]struct {
		same func(second *agent)
		want string
	}{
		"the same socket": {func(second *agent) { second.socket = first.socket }, "another spinneret runs at " + first.socket},
		"its own socket":  {func(*agent) {}, "another program listens"},
	} {
		t.Run(name, func(t *testing.T) {
			second := prepare(t, home, func(o options) options {
				return append(o.without("list listen"), "list listen '127.0.0.1:8485'")
			})
			c.same(second)
			second.launch(nil)
			if code := second.wait(); code != 1 || !strings.Contains(second.stderr.String(), c.want) {
				t.Errorf("exit code %d, it said %q, want %q in it", code, second.stderr.String(), c.want)
			}
			if q := first.device(cam).Quarantine; q == nil || !q.InForce {
				t.Errorf("the first now says %+v", q)
			}
		})
	}
}

// TestTheSocketLetsOnlyRootAndTheAgentIn connects as another user.
func TestTheSocketLetsOnlyRootAndTheAgentIn(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	info, err := os.Stat(filepath.Dir(a.socket))
	if err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the socket's directory is %v, %v, want 0750", info.Mode().Perm(), err)
	}
	strangerAtTheSocket(t, a)
}

// strangerAtTheSocket asks as another user, even where the file system lets everybody through.
func strangerAtTheSocket(t *testing.T, a *agent) {
	t.Helper()
	open(t, filepath.Dir(a.socket))
	if err := os.Chmod(a.socket, 0o666); err != nil {
		t.Fatal(err)
	}
	open(t, filepath.Dir(program))
	for _, args := range [][]string{{"devices"}, {"status", "-json"}, {"quarantine", a.home.Device("cam").MAC}} {
		cmd := exec.CommandContext(t.Context(), program, append(args, "-socket", a.socket)...)
		asNobody(cmd)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "lets only root in: run this as root") {
			t.Errorf("%v as nobody: %v, %s", args, err, out)
		}
	}
	if status, _, err := a.bySocket().send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusOK {
		t.Errorf("root is answered %d, %v", status, err)
	}
}

// TestACrashedAgentsSocketIsReplaced: kill -9 leaves it behind.
func TestACrashedAgentsSocketIsReplaced(t *testing.T) {
	a := startAgent(t, quietHome(t))
	a.signal(syscall.SIGKILL)
	a.wait()
	if _, err := os.Stat(a.socket); err != nil {
		t.Fatal(err)
	}
	a.stderr.reset()
	a.start()
	a.status()
}

// TestTheReadyLineSaysWhereThePageIs also where nothing is configured, and where a socket was handed over.
func TestTheReadyLineSaysWhereThePageIs(t *testing.T) {
	home := quietHome(t)
	for name, c := range map[string]struct {
		args  []string
		files func(t *testing.T) []*os.File
		want  netip.AddrPort
	}{
		"by default":     {want: netip.MustParseAddrPort("127.0.0.1:8484")},
		"as a flag says": {args: []string{"-listen", "127.0.0.1:8499"}, want: netip.MustParseAddrPort("127.0.0.1:8499")},
		"IPv6":           {args: []string{"-listen", "[::1]:8484"}, want: netip.MustParseAddrPort("[::1]:8484")},
	} {
		t.Run(name, func(t *testing.T) {
			a := prepare(t, home, func(o options) options { return o.without("list listen") })
			a.launch(func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, c.args...) })
			t.Cleanup(a.clean)
			a.eventually("it is ready", func() bool { return a.stderr.with("ready ") != "" || a.ended() })
			if got := a.page(); got != c.want {
				t.Errorf("it serves at %v, want %v", got, c.want)
			}
			status, answer, err := byTCP(home.Router(), c.want).send(http.MethodGet, "/", "")
			if err != nil || status != http.StatusOK || !strings.Contains(strings.ToLower(string(answer)), "<!doctype html") {
				t.Errorf("the page: %d, %v", status, err)
			}
		})
	}
}

// TestTheCommandsAskTheAgent runs the commands as people do.
func TestTheCommandsAskTheAgent(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	a.eventually("the lease has told the name", func() bool { return a.device(cam).Name == "cam" })
	for _, c := range []struct {
		args string
		want []string
	}{
		{"status", []string{"lan br-lan, wan wan", "4 known", "applied"}},
		{"devices", []string{"cam", cam.MAC, cam.IPv4().String(), "laptop", "tv", "lamp"}},
		{"quarantine cam -for 1h -why uploads", []string{"cam (" + cam.MAC + ") is cut off (full) by owner until", "uploads"}},
		{"devices", []string{"cut off"}},
		{"release " + cam.IPv4().String(), []string{"cam (" + cam.MAC + ") is on the network"}},
		{"events", []string{"cam was cut off by the owner", "cam was let back in by the owner"}},
		{"flows -device laptop", []string{""}},
	} {
		out, err := run(home.Router(), strings.Fields(c.args+" -socket "+a.socket)...)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
		}
		for _, words := range c.want {
			if !strings.Contains(out, words) {
				t.Errorf("%s printed %q, want %q in it", c.args, out, words)
			}
		}
	}
}

// run runs the program in a namespace and returns what it prints.
func run(ns *lab.NS, args ...string) (string, error) {
	cmd := ns.Command(context.Background(), program, args...)
	cmd.Stdin = io.NopCloser(strings.NewReader(""))
	out, err := ns.Run(cmd)
	return string(out), err
}
