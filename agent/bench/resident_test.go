package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"spinneret/capture"
	"spinneret/openwrt/lab"
	"spinneret/ui/stream"
)

// resident is an agent whose memory is looked at.
type resident struct {
	t      testing.TB
	home   *lab.Home
	cmd    *exec.Cmd
	client http.Client
	talk   []net.PacketConn
}

func startResident(t testing.TB, home *lab.Home, program, past string) *resident {
	t.Helper()
	dir := t.TempDir()
	config, socket, kept := filepath.Join(dir, "spinneret.conf"), filepath.Join(dir, "api.sock"), filepath.Join(dir, "history")
	text := fmt.Sprintf("config spinneret 'main'\n\tlist lan '%s'\n\tlist wan '%s'\n\toption state_dir '%s'\n\toption dhcp_leases '%s'\n\toption history_path '%s'\n",
		lab.Bridge, lab.WAN, dir, home.LeaseFile(), kept)
	before, err := os.ReadFile(past)
	if err := errors.Join(err, os.WriteFile(kept, before, 0o600), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	cmd := home.Router().Command(context.Background(), program, "run", "-config", config, "-socket", socket)
	stderr, err := cmd.StderrPipe()
	if err := errors.Join(err, home.Router().Start(cmd)); err != nil {
		t.Fatal(err)
	}
	waitReady(t, stderr)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return &resident{t: t, home: home, cmd: cmd, client: http.Client{Timeout: memoryWait, Transport: &http.Transport{DialContext: dial}}}
}

// openFlows lets each device send a datagram to each of its targets.
func (r *resident) openFlows() {
	r.t.Helper()
	for i, d := range r.home.Devices() {
		for range homeSockets {
			if err := d.NS.Do(func() error { return r.open(i) }); err != nil {
				r.t.Fatalf("open flows: %v", err)
			}
		}
	}
}

func (r *resident) open(device int) error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		return err
	}
	r.talk = append(r.talk, conn)
	for i := range homeTargets {
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(device), byte(i + 1)}), homePort)
		if _, err := conn.WriteToUDPAddrPort(make([]byte, payload), to); err != nil {
			return err
		}
	}
	return nil
}

// settle waits for some ticks and dumps, as long as the kernel remembers the flows.
func (r *resident) settle() { time.Sleep(6 * time.Second) }

// until waits for what is true soon.
func (r *resident) until(what string, is func() bool) {
	r.t.Helper()
	for end := time.Now().Add(memoryWait); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// used is how full a store is.
func (r *resident) used(store string) int {
	r.t.Helper()
	var status struct{ Stores []capture.Store }
	r.ask(http.MethodGet, "status", "", &status)
	for _, s := range status.Stores {
		if s.Name == store {
			return s.Used
		}
	}
	r.t.Fatalf("no store %s", store)
	return 0
}

// logIn sets a password and logs in by it.
func (r *resident) logIn() {
	r.t.Helper()
	r.ask(http.MethodPut, "session/password", `{"user":"owner","password":"three small words"}`, nil)
	r.ask(http.MethodPost, "session", `{"user":"owner","password":"three small words"}`, nil)
}

// openPage looks at the home as a browser does, until it is closed.
func (r *resident) openPage() (closePage func()) {
	r.t.Helper()
	d := websocket.Dialer{
		Subprotocols:   []string{stream.Subprotocol},
		NetDialContext: r.client.Transport.(*http.Transport).DialContext,
	}
	conn, response, err := d.Dial("ws://agent/api/v1/stream", nil)
	if err != nil {
		r.t.Fatalf("open a page: %v", err)
	}
	response.Body.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
	}()
	return func() { conn.Close(); <-done }
}

// ask sends a request through the agent's socket.
func (r *resident) ask(method, path, body string, answer any) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, "http://agent/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		r.t.Fatalf("%s %s: %s %s %v", method, path, response.Status, text, err)
	}
}

// tell puts in the table what is resident: all, the program's own memory, and pages of its file, which the kernel can drop. It
// returns all, in kilobytes.
func (r *resident) tell(build, when string) (total int) {
	r.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		r.t.Fatal(err)
	}
	total, own, file := kilobytes(text, "VmRSS:"), kilobytes(text, "RssAnon:"), kilobytes(text, "RssFile:")
	row(build+" build, "+when, "%.1f MB resident, %.1f of them its own, %.1f of its file",
		float64(total)/1024, float64(own)/1024, float64(file)/1024)
	return total
}

func kilobytes(status []byte, field string) int {
	_, rest, _ := bytes.Cut(status, []byte(field))
	n, _ := strconv.Atoi(string(bytes.Fields(rest)[0]))
	return n
}

// stop ends the agent and takes its tables and the flows away.
func (r *resident) stop() {
	for _, conn := range r.talk {
		conn.Close()
	}
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	if err := r.cmd.Wait(); err != nil {
		r.t.Errorf("the agent ended: %v", err)
	}
	nft(r.t, r.home.Router(), "table inet spinneret\ndelete table inet spinneret\ntable bridge spinneret\ndelete table bridge spinneret\n")
}
