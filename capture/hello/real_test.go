package hello

import (
	"os"
	"path/filepath"
	"testing"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// eachCaptured calls visit for the packets of all captures that SPINNERET_TESTDATA names. It is false where it
// names none.
func eachCaptured(tb testing.TB, visit func(path string, p *packet.Packet)) bool {
	tb.Helper()
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		return false
	}
	err := pcapfile.Walk(filepath.Join(dir, "pcap"), func(path string, p *packet.Packet) bool {
		visit(path, p)
		return true
	})
	if err != nil {
		tb.Fatal(err)
	}
	return true
}

// captured are packets of real captures that may be part of a hello, a few of each capture.
func captured(tb testing.TB, proto uint8) (packets []packet.Packet) {
	taken := map[string]int{}
	eachCaptured(tb, func(path string, p *packet.Packet) {
		if taken[path] >= 10 || p.Proto != proto || len(p.Payload) == 0 ||
			proto == packet.ProtoTCP && !beginsMessage(p.Payload) {
			return
		}
		taken[path]++
		kept := *p
		kept.Payload = append([]byte{}, p.Payload...)
		packets = append(packets, kept)
	})
	return packets
}

// TestNamesInRealCaptures wants what an independent decoder (tshark 4.0) finds in the same files, and one name
// more, on a port that it does not know. Requests that name an address are not counted.
func TestNamesInRealCaptures(t *testing.T) {
	r := NewReader()
	found := map[Source]int{}
	if !eachCaptured(t, func(_ string, p *packet.Packet) {
		if name, ok := r.Add(p); ok {
			found[name.Source]++
		}
	}) {
		t.Skip("skip: set SPINNERET_TESTDATA to the folder of third-party captures")
	}
	if found[SNI] != 39 || found[HTTP] != 160 || found[QUIC] != 0 {
		t.Errorf("names %v, want 39 of TLS, 160 of HTTP, and none of QUIC", found)
	}
}
