package agent

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// TestAReplaySaysWhatItForgot gives it room for two devices and two flows, and shows it three of each.
func TestAReplaySaysWhatItForgot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "three.pcap")
	if err := os.WriteFile(path, threeDevices(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for room, want := range map[int][]string{
		2: {"of=flows limit=2 forgotten=1", "of=devices limit=2 forgotten=1"},
		3: nil,
	} {
		var said bytes.Buffer
		o := ReplayOptions{Files: []string{path}, Options: Options{Flows: room, Devices: room}}
		o.Survey.Routers = []packet.MAC{{2, 0, 0, 0, 1, 1}}
		r, err := ReadCapture(t.Context(), o, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil || len(r.Flows) != room {
			t.Fatalf("with room for %d it has %d flows, %v", room, len(r.Flows), err)
		}
		for _, words := range want {
			if !strings.Contains(said.String(), words) {
				t.Errorf("with room for %d it said %q, want %q in it", room, said.String(), words)
			}
		}
		if len(want) == 0 && said.Len() > 0 {
			t.Errorf("with room for all it said %q", said.String())
		}
	}
}

// threeDevices is a capture in which three devices send a datagram each.
func threeDevices(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file, pcapfile.WriterConfig{Link: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		// Ethernet, IPv4 from 192.168.1.10+i to 198.51.100.7, and UDP from port 7000 to 7777 with no data.
		frame, err := hex.DecodeString(fmt.Sprintf("020000000101"+"02000000000%d"+"0800"+
			"4500001c00010000"+"40110000"+"c0a8010%x"+"c6336407"+"1b581e6100080000", i+1, i+10))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WritePacket(time.Unix(int64(i), 0), frame, 0); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}
