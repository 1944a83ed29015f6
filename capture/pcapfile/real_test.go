package pcapfile

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab/expect"
)

// realCaptures returns the captures of consumer devices being set up, each with one access point.
func realCaptures(tb testing.TB) []string {
	dir := expect.ThirdParty(tb)
	paths, err := filepath.Glob(filepath.Join(dir, "pcap", "iot-sentinel", "*.pcap"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no captures in %s: %v", dir, err)
	}
	return paths
}

func TestSurveyOfRealHomes(t *testing.T) {
	// In these the access point sends nothing, or forwards from one address of the internet only: the rule
	// cannot tell it from a device.
	hidden := []string{"D-LinkDayCam-", "EdimaxCam1-", "EdimaxCam2-", "HomeMaticPlug-", "MAXGateway-"}
	for _, path := range realCaptures(t) {
		want := 1
		for _, name := range hidden {
			if strings.HasPrefix(filepath.Base(path), name) {
				want = 0
			}
		}
		home, err := Survey(t.Context(), SurveyConfig{}, path)
		if err != nil {
			t.Fatal(err)
		}
		if len(home.RouterMACs) != want || len(home.RouterAddrs) != want {
			t.Errorf("%s: routers %v at %v, want %d", filepath.Base(path), home.RouterMACs, home.RouterAddrs, want)
		}
	}
}

func TestRealFramesAreDecoded(t *testing.T) {
	var sum Stats
	for _, path := range realCaptures(t) {
		m, err := OpenMerged(0, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Run(t.Context(), func(*packet.Packet) {}); err != nil {
			t.Error(err)
		}
		stats := m.Stats()
		sum.Packets += stats.Packets
		sum.Bad += stats.Bad
		sum.Truncated += stats.Truncated
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	// The bad one is a DNS query that was sent without its content.
	if sum.Packets < 20000 || sum.Bad != 1 || sum.Truncated != 0 {
		t.Errorf("%+v, want over 20000 packets, one of them bad", sum)
	}
}

func BenchmarkReader(b *testing.B) {
	file := recording(make([]uint32, 10000)...)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r, err := NewReader("bench", strings.NewReader(string(file)))
		if err != nil {
			b.Fatal(err)
		}
		var p packet.Packet
		for err == nil {
			err = r.Next(&p)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
}
