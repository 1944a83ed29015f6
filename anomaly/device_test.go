package anomaly

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// TestALaptopIsJudgedMoreMildly than a camera: who does much has reasons for much.
func TestALaptopIsJudgedMoreMildly(t *testing.T) {
	h := newHouse()
	for i := range 26 * 60 {
		h.talks(laptopMAC, h.host(fmt.Sprintf("page-%d.example", i%40)), 443, packet.ProtoTCP, 4_000, 60_000)
		h.second()
		h.now = h.now.Add(59 * time.Second)
	}
	for i := range 50 {
		h.opens(laptopMAC, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 8333, packet.ProtoTCP)
		h.talks(laptopMAC, netip.MustParseAddr("192.168.1.50"), 22, packet.ProtoTCP, 2000, 2000)
		h.second()
	}
	h.opens(laptopMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.seconds(3)
	if k, _ := h.d.Knows(laptopMAC); !k.General || !strings.HasPrefix(k.Words().String(), "of many uses: many parties, and so judged more mildly; ") {
		t.Errorf("of the laptop is known %q", k.Words())
	}
	h.wants(t, "warning scan TCP port 8333: tried ", "warning bruteforce 192.168.1.50 SSH: opened ", "note first-contact telnet 198.51.100.9")
}

// TestWhoGoesWildIsNotTakenForALaptop: a camera that scans meets hundreds, and stays a camera, also after a restart.
func TestWhoGoesWildIsNotTakenForALaptop(t *testing.T) {
	h := newHouse()
	h.learns()
	h.second() // the hour turns
	single := func(when string, d *Detector) {
		t.Helper()
		if k, _ := d.Knows(camMAC); !k.Single || !strings.HasPrefix(k.Words().String(), "of one purpose: few parties, regular habits, and so judged more strictly; ") {
			t.Errorf("%s: %v", when, k)
		}
	}
	single("before", h.d)
	for i := range 600 {
		h.opens(camMAC, netip.AddrFrom4([4]byte{20, 1, byte(i >> 8), byte(i)}), 8081, packet.ProtoTCP)
		h.second()
	}
	single("meanwhile", h.d)
	again := New(Config{})
	if err := again.Restore(h.d.Append(nil)); err != nil {
		t.Fatal(err)
	}
	single("after a restart", again)
	h.now = h.now.Add(time.Hour)
	h.second()
	single("an hour later", h.d)
	contacts := 0
	for _, f := range h.d.Findings() {
		if f.Kind == FirstContact {
			contacts++
		}
	}
	if contacts > contactsHour {
		t.Errorf("%d first contacts are told beside the scan", contacts)
	}
}

// TestAnotherCharacter is a camera that becomes somebody else within an hour.
func TestAnotherCharacter(t *testing.T) {
	h := newHouse()
	h.learns()
	for i := range 70 {
		h.talks(camMAC, h.host(fmt.Sprintf("party-%d.example", i%8)), 443, packet.ProtoTCP, 1000, 900_000)
		h.second()
		h.now = h.now.Add(59 * time.Second)
	}
	got := strings.Join(h.found(), "\n")
	if want := "warning character : behaves like another device: within an hour it met "; !strings.Contains(got, want) {
		t.Errorf("found\n%s, want %q", got, want)
	}
}
