package e2e

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// remembering is an agent that keeps its history in a file.
func remembering(t *testing.T, home *lab.Home) (a *agent, file string) {
	dir := t.TempDir()
	if err := os.Chown(dir, agentUser, agentUser); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "history")
	return prepare(t, home, func(o options) options { return append(o, "option history_path '"+file+"'") }), file
}

// history are the finished flows that a query finds.
func (a *agent) history(query url.Values) []ui.Flow {
	a.t.Helper()
	var answer struct {
		Flows []ui.Flow `json:"flows"`
		More  bool      `json:"more"`
	}
	a.get("history?"+query.Encode(), &answer)
	return answer.Flows
}

// restart ends the agent in order and starts it again.
func (a *agent) restart() {
	a.t.Helper()
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		a.t.Fatalf("it ends with %d", code)
	}
	a.stderr.reset()
	a.start()
}

// TestHistoryOutlivesTheAgent: after a restart the device behind an outside port is found, and what was counted counts.
func TestHistoryOutlivesTheAgent(t *testing.T) {
	home := quietHome(t)
	a, file := remembering(t, home)
	a.start()
	cam, laptop := home.Device("cam"), home.Device("laptop")
	for _, d := range []*lab.Device{cam, laptop} {
		count(t, home, d, "udp4")
	}
	var before ui.Flow
	a.eventually("the camera's way through NAT is known", func() bool {
		for _, f := range a.flows(cam) {
			if f.Scope == "internet" && f.Protocol == "udp" && f.Outside != nil && f.TxPackets > 20 {
				before = f
			}
		}
		return before.Outside != nil
	})
	outside := netip.MustParseAddrPort(*before.Outside)
	if outside.Addr() == netip.MustParseAddr(*before.Remote) || cam.IPv4() == outside.Addr() {
		t.Fatalf("its outside address is %s", outside)
	}
	sum := a.device(cam).TxBytes
	a.cutOff(laptop, `{}`)
	a.eventually("something is refused", func() bool { return a.device(laptop).Quarantine.RefusedPackets > 5 })
	refused := a.device(laptop).Quarantine.RefusedPackets
	a.restart()
	if q := a.device(laptop).Quarantine; q.RefusedPackets < refused {
		t.Errorf("%d packets were refused, before it were %d", q.RefusedPackets, refused)
	}
	if now := a.device(cam).TxBytes; now < sum {
		t.Errorf("its sum is %d bytes, before it was %d", now, sum)
	}
	query := url.Values{"outside": {outside.String()}, "to": {time.Now().UTC().Format(time.RFC3339)}}
	a.eventually("the history was read", func() bool { return len(a.history(query)) > 0 })
	for _, f := range a.history(query) {
		if *f.Device != cam.MAC || f.State != "ended" || *f.Remote != *before.Remote || !f.First.Equal(before.First.Time) || f.TxBytes < before.TxBytes {
			t.Errorf("the history has %+v, before it was %+v", f, before)
		}
	}
	if out, err := run(home.Router(), "history", "-outside", outside.String(), "-socket", a.socket); err != nil || !strings.Contains(out, outside.String()) {
		t.Errorf("the command says %s, %v", out, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// TestATornHistoryIsKeptAndSaid, and so is a file that is none: neither is overwritten.
func TestATornHistoryIsKeptAndSaid(t *testing.T) {
	home := quietHome(t)
	a, file := remembering(t, home)
	for content, words := range map[string]string{"spinneret history\n\x01torn": "torn", "my diary": "some other file"} {
		if err := errors.Join(os.WriteFile(file, []byte(content), 0o600), os.Chown(file, agentUser, agentUser)); err != nil {
			t.Fatal(err)
		}
		a.start()
		a.eventually("it says "+words, func() bool {
			_, answer, err := a.bySocket().send(http.MethodGet, "/api/v1/events", "")
			return err == nil && strings.Contains(string(answer), words)
		})
		a.signal(syscall.SIGTERM)
		a.wait()
		a.stderr.reset()
		kept := 0
		for _, name := range []string{".damaged", ".damaged2"} {
			if data, _ := os.ReadFile(file + name); string(data) == content {
				kept++
			}
		}
		if kept != 1 {
			t.Errorf("%q is kept %d times", content, kept)
		}
	}
}

// TestANewPlaceForTheHistoryCountsLater and that is said.
func TestANewPlaceForTheHistoryCountsLater(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	file := filepath.Join(t.TempDir(), "history")
	a.reload(append(usual(home, t.TempDir()), "option history_path '"+file+"'"), "history_path count from the next start")
	a.signal(syscall.SIGTERM)
	a.wait()
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
}
