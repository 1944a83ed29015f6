package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spinneret/ui"
)

// testCapture reads a capture of third parties.
func testCapture(t *testing.T, path string) Report {
	t.Helper()
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		t.Skip("skip: set SPINNERET_TESTDATA to the folder with the third-party captures")
	}
	o := ReplayOptions{Files: []string{filepath.Join(dir, "pcap", path)}}
	r, err := ReadCapture(t.Context(), o, slog.New(slog.NewTextHandler(io.Discard, nil)))
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
