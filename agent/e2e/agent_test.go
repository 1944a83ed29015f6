package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

const patience = time.Minute // for what takes a second at most on a machine that has nothing else to do

// agent is the program on a home's router.
type agent struct {
	t      *testing.T
	home   *lab.Home
	config string // path
	socket string
	cmd    *exec.Cmd
	stderr lines
	doneC  chan struct{}
	err    error // of its end, valid once doneC is closed
}

// options are lines of UCI: what a test wants otherwise than usual.
type options []string

// usual is a configuration for the lab's router: no login, the page on loopback.
func usual(home *lab.Home, dir string) options {
	return options{
		"list lan '" + lab.Bridge + "'", "list wan '" + lab.WAN + "'", "list listen '127.0.0.1:8484'", "option auth '0'",
		"option state_dir '" + filepath.Join(dir, "state") + "'", "option dhcp_leases '" + home.LeaseFile() + "'",
	}
}

// prepare writes a configuration; the agent is not started yet.
func prepare(t *testing.T, home *lab.Home, change func(options) options) *agent {
	t.Helper()
	dir := t.TempDir()
	o := usual(home, dir)
	if change != nil {
		o = change(o)
	}
	a := &agent{t: t, home: home, config: filepath.Join(dir, "spinneret.conf"), socket: filepath.Join(dir, "run", "api.sock")}
	a.write(o)
	settle(t, home, dir)
	return a
}

// settle prepares for the agent's user what a router's init script does: its directories, and that it may read the
// leases. What else it needs of root it must do without.
func settle(t *testing.T, home *lab.Home, dir string) {
	t.Helper()
	for path, mode := range map[string]os.FileMode{"state": 0o700, "run": 0o750} {
		path = filepath.Join(dir, path)
		err := errors.Join(os.MkdirAll(path, mode), os.Chmod(path, mode), os.Chown(path, agentUser, agentUser))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{dir, filepath.Dir(dir), home.Dir()} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// write replaces the configuration.
func (a *agent) write(o options) {
	a.t.Helper()
	text := "config spinneret 'main'\n\t" + strings.Join(o, "\n\t") + "\n"
	if err := os.WriteFile(a.config, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// without leaves out the lines that begin so.
func (o options) without(prefix string) options {
	var left options
	for _, line := range o {
		if !strings.HasPrefix(line, prefix) {
			left = append(left, line)
		}
	}
	return left
}

// startAgent starts the program as usual and waits until it serves. Afterwards the router is as it was.
func startAgent(t *testing.T, home *lab.Home) *agent {
	t.Helper()
	a := prepare(t, home, nil)
	a.start()
	return a
}

// start starts the program, and waits for its ready line and its first rules: from then on it sees everything.
func (a *agent) start() {
	a.t.Helper()
	a.launch(nil)
	a.t.Cleanup(func() { a.clean() })
	a.eventually("the agent is ready", func() bool { return a.stderr.with("ready ") != "" || a.ended() })
	if a.ended() {
		a.t.Fatalf("the agent ended: %v\n%s", a.err, a.stderr.String())
	}
	a.eventually("the first rules are in force", func() bool { return a.status().Firewall.State == "applied" })
}

// launch starts the program; change may alter the command before.
func (a *agent) launch(change func(*exec.Cmd)) {
	a.t.Helper()
	router := a.home.Router()
	a.cmd = router.Command(context.Background(), "setpriv", "--no-new-privs", program, "run", "-config", a.config, "-socket", a.socket)
	a.cmd.Stderr = &a.stderr
	a.cmd.SysProcAttr = asAgent()
	if change != nil {
		change(a.cmd)
	}
	if err := router.Start(a.cmd); err != nil {
		a.t.Fatal(err)
	}
	cmd, doneC := a.cmd, make(chan struct{})
	a.doneC = doneC
	go func() {
		a.err = cmd.Wait()
		close(doneC)
	}()
}

// agentUser is the user that the agent runs as, and its group; on OpenWrt the package makes it.
const agentUser = 64913

// asAgent are the rights of the agent on a router: a user of its own with two capabilities, and no way to more.
func asAgent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: agentUser, Gid: agentUser},
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW},
	}
}

func (a *agent) ended() bool {
	select {
	case <-a.doneC:
		return true
	default:
		return false
	}
}

// signal sends a signal to the program.
func (a *agent) signal(s syscall.Signal) {
	a.t.Helper()
	if err := a.cmd.Process.Signal(s); err != nil {
		a.t.Fatal(err)
	}
}

// wait waits for the program's end and returns its exit code, -1 where a signal ended it.
func (a *agent) wait() int {
	a.t.Helper()
	a.eventually("the program has ended", a.ended)
	var exit *exec.ExitError
	if errors.As(a.err, &exit) {
		return exit.ExitCode()
	}
	if a.err != nil {
		a.t.Fatal(a.err)
	}
	return 0
}

// clean ends the program and takes its tables away.
func (a *agent) clean() {
	a.t.Helper()
	if !a.ended() {
		_ = a.cmd.Process.Kill()
		<-a.doneC
	}
	if a.t.Failed() {
		a.t.Logf("the agent said:\n%s", a.stderr.String())
	}
	for _, family := range []string{"inet", "bridge", "netdev"} {
		nft(a.t, a.home.Router(), fmt.Sprintf("table %[1]s spinneret\ndelete table %[1]s spinneret\ntable %[1]s spinneret_mud\ndelete table %[1]s spinneret_mud\n", family))
	}
}

// eventually waits until what holds.
func (a *agent) eventually(what string, holds func() bool) {
	a.t.Helper()
	if !within(patience, holds) {
		a.t.Fatalf("not within %v: %s", patience, what)
	}
}

// within reports whether something came to hold in time.
func within(limit time.Duration, holds func() bool) bool {
	deadline := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			return holds()
		case <-tick.C:
		}
	}
	return true
}

// page is where the program says that it serves.
func (a *agent) page() netip.AddrPort {
	a.t.Helper()
	line := a.stderr.with("ready ")
	addr, err := netip.ParseAddrPort(strings.TrimSuffix(strings.TrimPrefix(line, "ready http://"), "/"))
	if err != nil {
		a.t.Fatalf("the ready line is %q: %v", line, err)
	}
	return addr
}

// nft runs a script on the router.
func nft(t *testing.T, ns *lab.NS, script string) {
	t.Helper()
	if err := ns.NFT(context.Background(), script); err != nil {
		t.Fatal(err)
	}
}

// nftList is what the router's kernel holds; empty where there is no such thing.
func nftList(ns *lab.NS, what ...string) string {
	out, err := ns.Run(ns.Command(context.Background(), "nft", append([]string{"list"}, what...)...))
	if err != nil {
		return ""
	}
	return string(out)
}

// lines keeps what a program writes.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

// with is the last whole line with such a beginning, or empty.
func (l *lines) with(prefix string) (last string) {
	for line := range strings.Lines(l.String()) {
		if strings.HasPrefix(line, prefix) && strings.HasSuffix(line, "\n") {
			last = strings.TrimSuffix(line, "\n")
		}
	}
	return last
}
