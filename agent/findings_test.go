package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
)

// capturesOf third parties are to be replayed as fast as they can be read.
func capturesOf(t *testing.T, path string) ReplayOptions {
	t.Helper()
	return ReplayOptions{Files: []string{expect.ThirdParty(t, "pcap", path)}}
}

// testCapture reads one to its end.
func testCapture(t *testing.T, path string) Report {
	t.Helper()
	r, err := ReadCapture(t.Context(), capturesOf(t, path), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhatCapturesHold looks for what is known to be in them: who did it, and when it began.
func TestWhatCapturesHold(t *testing.T) {
	for path, want := range map[string][]string{
		"ddos/pkt.TCP.synflood.spoofed.pcap": {
			"44:f4:77:0f:ea:49 flood alarm 10:30:21",
		},
		"ddos/zeek-dhcp_flood.pcap": {
			"90:b1:1c:99:49:29 flood alarm 13:34:56",
		},
		"malicious/id2t-mirai-botnet-lab.pcap": {
			"02:42:ac:14:00:03 bruteforce alarm 08:34:20",
			"02:42:ac:14:00:04 first-contact warning 08:34:24",
			"02:42:ac:14:00:05 first-contact warning 08:34:30",
		},
		"iot-sentinel/D-LinkCam-Setup-A-1-STA.pcap": nil,
		"iot-sentinel/HueBridge-Setup-A-1-STA.pcap": nil,
		"iot-sentinel/WeMoLink-Setup-A-1-STA.pcap":  nil,
	} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := testCapture(t, path)
			var got []string
			for _, f := range r.Findings {
				got = append(got, fmt.Sprintf("%s %s %s %s", f.Device, f.Kind, f.Severity, f.Start.Format(time.TimeOnly)))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}

// TestACaptureIsJudgedTheSameEachTime, in words and numbers.
func TestACaptureIsJudgedTheSameEachTime(t *testing.T) {
	const path = "malicious/id2t-mirai-botnet-lab.pcap"
	write := func(list []ui.Finding) []byte {
		b, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := write(testCapture(t, path).Findings)
	if again := write(testCapture(t, path).Findings); !bytes.Equal(first, again) {
		t.Errorf("first\n%s\nthen\n%s", first, again)
	}
}

// TestACaptureThatIsShownFastIsJudgedInItsOwnTime: half a minute of it passes between two looks of who shows it.
func TestACaptureThatIsShownFastIsJudgedInItsOwnTime(t *testing.T) {
	const path = "malicious/id2t-mirai-botnet-lab.pcap"
	want := testCapture(t, path).Findings
	a, err := OpenReplay(t.Context(), capturesOf(t, path), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	doneC := make(chan error)
	go func() { doneC <- a.Run(ctx) }()
	var got []ui.Finding
	for deadline := time.Now().Add(20 * time.Second); len(got) < len(want) && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got, err = a.home.Findings(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-doneC; err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("found %+v, want %+v", got, want)
	}
	for i, f := range got {
		if w := want[i]; f.Device != w.Device || f.Kind != w.Kind || !f.Start.Equal(w.Start.Time) {
			t.Errorf("found %s %s at %v, want %s %s at %v", f.Device, f.Kind, f.Start, w.Device, w.Kind, w.Start)
		}
	}
}
