package lab

import (
	"bytes"
	"net/netip"
	"testing"
	"time"
)

func TestTheHouseholdTalksInsideTheHome(t *testing.T) {
	h := startHome(t, Options{})
	printer := h.Device("kitchen-printer")
	jobs, err := printer.NS.CountFrames(t.Context(), nic, func(f []byte) bool {
		return len(f) > 1000 && bytes.Contains(f[30:40], []byte{portPrint >> 8, portPrint & 0xff})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer jobs.Close()
	mdns := sees(t, h.Device("toms-laptop").NS, nic, "\x0fkitchen-printer\x05local")
	ssdp := sees(t, h.Device("toms-laptop").NS, nic, "NOTIFY * HTTP/1.1")
	for what, c := range map[string]*FrameCounter{"a print job": jobs, "mDNS": mdns, "SSDP": ssdp} {
		eventually(t, what+" was heard", func() bool { return c.Count() > 0 })
	}
}

// dhcpOption returns an option of the DHCP message in a frame (RFC 2132 section 2), nil without one.
func dhcpOption(frame []byte, code byte) []byte {
	_, rest, _ := bytes.Cut(frame, []byte{0x63, 0x82, 0x53, 0x63})
	for len(rest) > 2 && rest[0] != 255 && len(rest) >= 2+int(rest[1]) {
		if rest[0] == code {
			return rest[2 : 2+rest[1]]
		}
		rest = rest[2+rest[1]:]
	}
	return nil
}

// Each device shows what fingerprints are made of: options 12, 55 and 60.
func TestDHCPRequestsCarryAFingerprint(t *testing.T) {
	h := startHome(t, Options{Devices: []Spec{{Name: "tv", Class: "tv-os 6.2", Ask: []string{"ntpsrv"}}}})
	requests, err := h.Router().CountFrames(t.Context(), Bridge, func(f []byte) bool {
		return string(dhcpOption(f, 12)) == "tv" && string(dhcpOption(f, 60)) == "tv-os 6.2" &&
			bytes.IndexByte(dhcpOption(f, 55), 42) >= 0
	})
	if err != nil {
		t.Fatal(err)
	}
	defer requests.Close()
	if err := h.Device("tv").ChangeMAC(t.Context(), MAC{6, 0, 0, 0, 0, 9}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "discover and request carry it", func() bool { return requests.Count() >= 2 })
}

func TestPhonesChangeTheirTemporaryAddress(t *testing.T) {
	h := startHome(t, Options{Devices: []Spec{{Name: "phone", TempAddrs: 7 * time.Second}}})
	d, to := h.Device("phone"), netip.MustParseAddrPort("[2001:db8:123::1]:7100")
	fromC, seen := hears(t, h.Internet(), ":7100"), map[netip.Addr]bool{}
	eventually(t, "the internet sees two temporary addresses", func() bool {
		if err := connect(t.Context(), d.NS, to); err != nil {
			t.Fatal(err)
		}
		if from := (<-fromC).Addr(); from != d.IPv6() && lanRouter6.Contains(from) {
			seen[from] = true
		}
		return len(seen) >= 2
	})
}
