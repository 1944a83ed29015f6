package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// bareHome is a lab of one quiet device, whose packets vanish at the far side.
func bareHome(t testing.TB) (*lab.Home, *lab.Device) {
	t.Helper()
	home, err := lab.Start(context.Background(), lab.Options{Devices: []lab.Spec{{Name: "generator"}}, Idle: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatalf("start the lab: %v", err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Errorf("close the lab: %v", err)
		}
	})
	nft(t, home.Internet(), "table inet sink { chain p { type filter hook prerouting priority raw; policy accept;\n udp dport >= 10000 ip daddr "+sink+" drop\n }\n }")
	return home, home.Device("generator")
}

func nft(t testing.TB, ns *lab.NS, script string) {
	t.Helper()
	if err := ns.NFT(context.Background(), script); err != nil {
		t.Fatal(err)
	}
}

// build makes the program as it is shipped, without the race detector of this test.
func build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spinneret")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", path, "spinneret/agent/cmd/spinneret")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// startAgent runs the agent on the lab's router until stop is called, which takes its tables away too.
func startAgent(t testing.TB, home *lab.Home, program string) process {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "spinneret.conf")
	text := fmt.Sprintf("config spinneret 'main'\n\tlist lan '%s'\n\tlist wan '%s'\n\toption auth '0'\n\toption state_dir '%s'\n\tlist listen '127.0.0.1:8484'\n\toption dhcp_leases '%s'\n",
		lab.Bridge, lab.WAN, dir, home.LeaseFile())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	router := home.Router()
	cmd := router.Command(context.Background(), program, "run", "-config", config, "-socket", filepath.Join(dir, "api.sock"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := router.Start(cmd); err != nil {
		t.Fatal(err)
	}
	waitReady(t, stderr)
	return process{cmd.Process.Pid, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the agent ended: %v", err)
		}
		nft(t, router, "table inet spinneret\ndelete table inet spinneret\ntable bridge spinneret\ndelete table bridge spinneret\n")
	}}
}

// waitReady waits for the line that says that the agent serves.
func waitReady(t testing.TB, stderr io.ReadCloser) {
	t.Helper()
	readyC := make(chan string, 1)
	go func() {
		var seen []byte
		buf := make([]byte, 4096)
		for {
			n, err := stderr.Read(buf)
			if seen = append(seen, buf[:n]...); strings.Contains(string(seen), "ready ") || err != nil {
				readyC <- string(seen)
				_, _ = io.Copy(io.Discard, stderr) // the agent must never wait for us
				return
			}
		}
	}()
	select {
	case text := <-readyC:
		if !strings.Contains(text, "ready ") {
			t.Fatalf("the agent did not start: %s", text)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the agent did not get ready")
	}
}
