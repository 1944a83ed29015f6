package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/dots"
	"spinneret/dots/isp"
)

// TestMain lets the test's binary be the program itself, so that it can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("SPINNERET_ISP_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// writeConfig is the file of a provider on a free port.
func writeConfig(t *testing.T, dir string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	file := filepath.Join(dir, "isp.conf")
	text := fmt.Sprintf("config isp 'main'\n\toption name 'dots.isp.example'\n\toption address '127.0.0.1'\n\toption port '%d'\n\toption state_dir '%s'\n\toption socket '%s'\n", port, dir, filepath.Join(dir, "s"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serve runs the program until the test is over, and returns it once it says that it is ready.
func serve(t *testing.T, config string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, "run", "-config", config)
	manager, err := net.ListenPacket("unixgram", filepath.Join(t.TempDir(), "notify"))
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	c.Env = append(os.Environ(), "SPINNERET_ISP_MAIN=1", "NOTIFY_SOCKET="+manager.LocalAddr().String())
	errOut, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := bufio.NewScanner(errOut)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.HasPrefix(lines.Text(), "ready coaps://127.0.0.1:") {
			go func() { // the pipe is not to fill up; ends with the program
				for lines.Scan() {
				}
			}()
			heardReady(t, manager)
			return c
		}
	}
	t.Fatalf("the program ended and said %q", said)
	return nil
}

// heardReady wants systemd to be told, within a time that is generous to a machine with other work.
func heardReady(t *testing.T, manager net.PacketConn) {
	t.Helper()
	word := make([]byte, 64)
	if err := manager.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := manager.ReadFrom(word); err != nil || string(word[:n]) != "READY=1" {
		t.Fatalf("systemd is told %q, %v", word[:n], err)
	}
}

// TestTheUnitKnowsTheProgram: its paths and commands are ours, and not renamed on one side alone.
func TestTheUnitKnowsTheProgram(t *testing.T) {
	unit, err := os.ReadFile("spinneret-isp.service")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(unit)) {
		_, args, starts := strings.Cut(strings.TrimSpace(line), "=/usr/local/bin/spinneret-isp ")
		if !starts {
			continue
		}
		words := strings.Fields(args)
		i := slices.IndexFunc(commands, func(c command) bool { return c.name == words[0] })
		if i < 0 || newCall(commands[i], io.Discard, io.Discard).parse(words[1:]) != nil {
			t.Errorf("the unit starts %q, which is no command", args)
		}
	}
	for _, dir := range []string{filepath.Base(filepath.Dir(isp.DefaultSocket)), filepath.Base(isp.DefaultStateDir)} {
		if !strings.Contains(string(unit), "Directory="+dir+"\n") {
			t.Errorf("the unit makes no directory %s", dir)
		}
	}
}

// execute runs one command and wants its exit code.
func execute(t *testing.T, want int, args ...string) (out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(t.Context(), args, &o, &e); got != want {
		t.Fatalf("%v: exit %d, want %d; it says %q and %q", args, got, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

// TestTheCommandsOfAProvider enrols a home, asks it, and takes that back; the program is killed in between.
func TestTheCommandsOfAProvider(t *testing.T) {
	dir := t.TempDir()
	config, socket, file := writeConfig(t, dir), filepath.Join(dir, "s"), filepath.Join(dir, "home.pem")
	_, errOut := execute(t, failed, "homes", "-socket", socket)
	if !strings.Contains(errOut, "start spinneret-isp run") || strings.Count(errOut, "\n") != 1 {
		t.Errorf("where nothing runs the command says %q", errOut)
	}
	execute(t, done, "check-config", "-config", config)
	program := serve(t, config)
	enrolHome(t, socket, file)
	id := requestOf(t, socket)

	if err := program.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // killed
	program = serve(t, config)
	out, _ := execute(t, done, "status", id, "-socket", socket)
	if !strings.HasPrefix(out, id+" of home-1 is waiting\n") {
		t.Errorf("after kill -9 the request is told as %q", out)
	}
	out, _ = execute(t, done, "withdraw", "-socket", socket, id)
	if !strings.HasPrefix(out, id+" of home-1 is withdrawn\n") {
		t.Errorf("the withdrawal says %q", out)
	}
	out, _ = execute(t, done, "homes", "-socket", socket)
	if !strings.Contains(out, "home-1  away") || !strings.Contains(out, "203.0.113.20/32") {
		t.Errorf("the homes are %q", out)
	}
	if one, _ := execute(t, done, "homes", "home-1", "-socket", socket); one != out {
		t.Errorf("the one home is %q", one)
	}
	_, errOut = execute(t, failed, "enrol", "home-1", "-psk", "-out", filepath.Join(dir, "none", "home.pem"), "-socket", socket)
	if now, _ := execute(t, done, "homes", "home-1", "-socket", socket); now != out || !strings.Contains(errOut, "write the credentials") {
		t.Errorf("credentials that cannot be written: %q, and the home is %q", errOut, now)
	}
	execute(t, done, "revoke", "home-1", "-socket", socket)
	_, errOut = execute(t, failed, "request", "-home", "home-1", "-source", "203.0.113.20", "-target", "192.0.2.1", "-socket", socket)
	if !strings.Contains(errOut, "no home is enrolled") {
		t.Errorf("a request for a revoked home says %q", errOut)
	}
	start := time.Now()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("after SIGTERM: %v, %s", err, time.Since(start))
	}
}

// enrolHome makes the credentials of home-1.
func enrolHome(t *testing.T, socket, file string) {
	t.Helper()
	out, _ := execute(t, done, "enrol", "home-1", "-out", file, "-prefix", "203.0.113.20/32", "-socket", socket)
	if !strings.Contains(out, "option credentials") {
		t.Errorf("enrol says %q", out)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the credentials are %v, %v; want them readable by their writer alone", info.Mode(), err)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dots.ParseCredentials(pem); err != nil {
		t.Errorf("a home cannot read the credentials: %v", err)
	}
}

// requestOf asks home-1, whose address is known, and returns the request's identifier.
func requestOf(t *testing.T, socket string) string {
	t.Helper()
	out, _ := execute(t, done, "request", "-json", "-socket", socket, "-source", "203.0.113.20:40321", "-target", "198.51.100.7:53/udp")
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"id", "home", "state", "status", "mid", "lifetime", "droppedPackets", "droppedBytes"} {
		if _, there := r[member]; !there {
			t.Errorf("%s lacks the member %q of the contract", out, member)
		}
	}
	return r["id"].(string)
}

func TestWhoWritesACommandWrongIsToldHow(t *testing.T) {
	for _, c := range []struct {
		args []string
		exit int
		hint string
	}{
		{nil, misuse, "-h lists the commands"},
		{[]string{"enroll"}, misuse, "-h lists them"},
		{[]string{"enrol", "h"}, misuse, "-out FILE"},
		{[]string{"enrol", "-out", "x"}, misuse, "write: spinneret-isp enrol HOME"},
		{[]string{"request", "-target", "192.0.2.1"}, misuse, "-home ID or -source"},
		{[]string{"request", "-home", "h"}, misuse, "-target PREFIX"},
		{[]string{"status"}, misuse, "status ID"},
		{[]string{"homes", "-nonsense"}, misuse, "-nonsense"},
		{[]string{"redirect", "h"}, misuse, "-to NAME"},
		{[]string{"run", "-config", "/nonexistent/isp.conf"}, failed, "README"},
		{[]string{"check-config", "-config", "/nonexistent/isp.conf"}, failed, "README"},
	} {
		_, errOut := execute(t, c.exit, c.args...)
		if !strings.Contains(errOut, c.hint) {
			t.Errorf("%v says %q, want a word of %q", c.args, errOut, c.hint)
		}
	}
	for _, args := range [][]string{{"-h"}, {"version"}, {"enrol", "-h"}, {"request", "-h"}, {"run", "-h"}} {
		if out, _ := execute(t, done, args...); out == "" {
			t.Errorf("%v says nothing", args)
		}
	}
}

// TestRunStopsWhereItCannotServe, with one line.
func TestRunStopsWhereItCannotServe(t *testing.T) {
	dir := t.TempDir()
	config := writeConfig(t, dir)
	serve(t, config)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out, errOut bytes.Buffer
	if got := run(ctx, []string{"run", "-config", config}, &out, &errOut); got != failed || !strings.Contains(errOut.String(), "another spinneret-isp uses") || strings.Count(errOut.String(), "\n") != 1 {
		t.Errorf("a second program on the same files: exit %d, %q", got, errOut.String())
	}
}
