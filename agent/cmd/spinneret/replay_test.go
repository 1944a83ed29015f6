package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/agent"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
)

var eventually = expect.Eventually

// TestReplayKeepsTheCapturesPace: the hour of silence in the bulb's day is shortened to a second, the rest is not.
func TestReplayKeepsTheCapturesPace(t *testing.T) {
	settle(t)
	began := time.Now()
	if _, stderr, code := program(t, "replay", "-speed", "1", "bulb.pcap"); code != 0 {
		t.Fatal(stderr)
	}
	took := time.Since(began)
	if took < 1100*time.Millisecond {
		t.Errorf("it took %v, want 1.1 s at least", took)
	}
	if took > time.Minute {
		t.Errorf("it took %v: the silence was not shortened", took)
	}
	began = time.Now()
	if _, stderr, code := program(t, "replay", "-speed", "0.001", "-json", "bulb.pcap"); code != 0 {
		t.Fatal(stderr)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("with -json it took %v, want no waiting", took)
	}
}

// output collects what a program writes while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// TestReplayServesThePageUntilItIsInterrupted and refuses to cut anybody off.
func TestReplayServesThePageUntilItIsInterrupted(t *testing.T) {
	settle(t)
	ctx, interrupt := context.WithCancel(t.Context())
	var stdout, stderr output
	codeC := make(chan int, 1)
	go func() {
		codeC <- run(ctx, strings.Fields("replay -listen 127.0.0.1:0 -speed max camera.pcap"), strings.NewReader(""), &stdout, &stderr)
	}()
	eventually(t, "it is ready", func() bool { return strings.HasSuffix(stderr.String(), "/\n") || len(codeC) > 0 })
	page := strings.TrimSpace(strings.TrimPrefix(stderr.String(), "ready "))
	eventually(t, "the camera is on the page", func() bool {
		var list struct {
			Devices []ui.Device `json:"devices"`
		}
		status, body := request(t, http.MethodGet, page+"api/v1/devices")
		return status == http.StatusOK && json.Unmarshal(body, &list) == nil && len(list.Devices) == 1 && list.Devices[0].MAC == camera.String()
	})
	if status, body := request(t, http.MethodPut, page+"api/v1/devices/"+camera.String()+"/quarantine"); status != http.StatusConflict {
		t.Errorf("to cut the camera off is answered with %d %s", status, body)
	}
	if status, body := request(t, http.MethodGet, page); status != http.StatusOK || !bytes.Contains(bytes.ToLower(body), []byte("<!doctype html")) {
		t.Errorf("the page is %d %.60s", status, body)
	}
	interrupt()
	if code := <-codeC; code != 0 || stdout.String() != "" {
		t.Errorf("exit code %d, it printed %q and said %q", code, stdout.String(), stderr.String())
	}
}

func request(t *testing.T, method, url string) (status int, body []byte) {
	t.Helper()
	var sent *strings.Reader
	if sent = strings.NewReader(""); method == http.MethodPut {
		sent = strings.NewReader("{}")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, sent)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text.Bytes()
}

// TestReplayIsForThisMachineOnly: it has no login.
func TestReplayIsForThisMachineOnly(t *testing.T) {
	settle(t)
	_, stderr, code := program(t, "replay", "camera.pcap", "-listen", "0.0.0.0:0")
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "listen on 127.0.0.1") {
		t.Errorf("exit code %d, it said %q", code, stderr)
	}
}

// TestEverySharedCaptureIsRead wants each to its end, with as many devices as its addresses speak for.
func TestEverySharedCaptureIsRead(t *testing.T) {
	data := expect.ThirdParty(t)
	read := 0
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || ext != ".pcap" && ext != ".pcapng" && ext != ".cap" {
			return err
		}
		read++
		t.Run(filepath.Base(path), func(t *testing.T) { readShared(t, path) })
		return nil
	})
	if err != nil || read == 0 {
		t.Fatalf("%d captures in %s: %v", read, data, err)
	}
}

func readShared(t *testing.T, path string) {
	stdout, stderr, code := program(t, "replay", "-speed", "max", "-json", path)
	var r agent.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s %v", code, stderr, err)
	}
	if r.Stats.Packets == 0 || r.Stats.Bad > r.Stats.Packets/2 || len(r.Devices) > 0 && len(r.Flows) == 0 {
		t.Errorf("%d packets, %d of them damaged, %d flows", r.Stats.Packets, r.Stats.Bad, len(r.Flows))
	}
	var got []string
	for _, d := range r.Devices {
		got = append(got, d.MAC)
	}
	slices.Sort(got)
	if want := sources(t, path); !slices.Equal(got, want) {
		t.Errorf("the devices are %v, want all who sent but the router: %v", got, want)
	}
	for _, f := range r.Flows {
		if f.Device != nil && f.TxPackets > 0 && !slices.Contains(got, *f.Device) {
			t.Errorf("a flow from %s, which is no device", *f.Device)
		}
	}
	t.Logf("%d packets (%d damaged), %d devices, %d flows, %d names", r.Stats.Packets, r.Stats.Bad, len(r.Devices), len(r.Flows), len(r.Names))
}

// sources are the MACs that sent in a capture, less those of the routers in it.
func sources(t *testing.T, path string) (macs []string) {
	t.Helper()
	home, err := pcapfile.Survey(t.Context(), pcapfile.SurveyConfig{}, path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := pcapfile.OpenMerged(0, path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seen := map[packet.MAC]bool{}
	if err := file.Run(t.Context(), func(p *packet.Packet) { seen[p.SrcMAC] = true }); err != nil {
		t.Fatal(err)
	}
	for mac := range seen {
		if mac.IsUnicast() && !slices.Contains(home.RouterMACs, mac) {
			macs = append(macs, mac.String())
		}
	}
	slices.Sort(macs)
	return macs
}
