package dhcp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// FuzzObserve reads hostile messages on both ports: whatever comes, texts are fit to be shown and short.
func FuzzObserve(f *testing.F) {
	for _, b := range [][]byte{
		ask(Discover, cam, text(v4Hostname, "cam"), text(v4MUD, mud)), ack(cam, camAddr), ask(Request, cam, option(v4Overload, 3)),
		solicit(), relayed(relayed(solicit())), v6(InformationRequest, option6(v6Oro, 0, 23)),
	} {
		f.Add(b)
	}
	for _, p := range captured(f) {
		f.Add(p.payload)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewStore(2)
		mac := cam
		if m, err := ParseV4(b); err == nil && m.MAC.IsUnicast() {
			mac = m.MAC
		}
		s.Observe(frame(b, 68, 67), mac, packet.MAC{})
		s.Observe(frame(b, 67, 68), packet.MAC{}, mac)
		s.Observe(frame(b, 546, 547), mac, packet.MAC{})
		var h Handed
		h.Observe(frame(b, 67, 68), packet.MAC{}, mac)
		h.Observe(frame(b, 547, 546), packet.MAC{}, mac)
		if resolvers, timeServers := h.Servers(); len(resolvers) > maxHanded || len(timeServers) > maxHanded {
			t.Errorf("servers %v, %v", resolvers, timeServers)
		}
		for _, c := range s.Append(nil) {
			wantText(t, "hostname", c.Hostname, maxHostname)
			wantText(t, "MUD URL", c.MUDURL+c.MUDURLv6+c.MUDURLRelayed, 3*maxMUDURL)
			wantText(t, "fingerprint", c.Fingerprint, maxAsked*6+maxClass+20)
		}
	})
}

func wantText(t *testing.T, what, s string, limit int) {
	t.Helper()
	if utf8.RuneCountInString(s) > limit || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%s %q is not fit to be shown", what, s)
	}
}

// sample is one DHCP message of a capture.
type sample struct {
	file    string
	p       packet.Packet
	payload []byte
}

// captured are the DHCP messages of the captures that SPINNERET_TESTDATA names, if it does.
func captured(tb testing.TB) (list []sample) {
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		return nil
	}
	taken := map[string]int{}
	err := pcapfile.Walk(filepath.Join(dir, "pcap"), func(path string, p *packet.Packet) bool {
		if p.Proto == packet.ProtoUDP && (p.DstPort == v4ServerPort || p.SrcPort == v4ServerPort || p.DstPort == v6ServerPort) {
			kept := *p
			kept.Payload = append([]byte{}, p.Payload...)
			list = append(list, sample{filepath.Base(path), kept, kept.Payload})
			taken[path]++
		}
		return taken[path] < 20
	})
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func TestRealDevicesAreUnderstood(t *testing.T) {
	samples := captured(t)
	if len(samples) == 0 {
		t.Skip("skip: set SPINNERET_TESTDATA to the folder of third-party captures")
	}
	s := NewStore(1000)
	for i := range samples {
		p := &samples[i].p
		if p.EtherType == packet.EtherTypeIPv4 && p.DstPort == v4ServerPort && strings.HasSuffix(samples[i].file, "-STA.pcap") {
			if _, err := ParseV4(p.Payload); err != nil {
				t.Errorf("%s: %v", samples[i].file, err)
			}
		}
		s.Observe(p, p.SrcMAC, p.DstMAC)
	}
	hostnames := 0
	for _, c := range s.Append(nil) {
		if c.Hostname != "" {
			hostnames++
		}
		if testing.Verbose() {
			t.Logf("%v %q %s %s", c.MAC, c.Hostname, c.Fingerprint, c.MUDURL)
		}
	}
	if n := len(s.Append(nil)); n < 20 || hostnames < 10 {
		t.Errorf("%d clients, %d with a name: want 20 and 10 or more", n, hostnames)
	}
}

func TestRealMUDURLsAreRead(t *testing.T) {
	samples := captured(t)
	if len(samples) == 0 {
		t.Skip("skip: set SPINNERET_TESTDATA to the folder of third-party captures")
	}
	read := map[string]string{}
	for _, sample := range samples {
		switch sample.file {
		case "dhcpv6-mud.pcap":
			m, err := ParseV6(sample.payload)
			if err != nil || m.Hostname != "raspberrypi" || m.Relays != 1 || m.DUIDMAC.String() != "b8:27:eb:b8:53:c8" {
				t.Errorf("%s: %+v (%v)", sample.file, m, err)
			}
			read[sample.file] = m.MUDURL
		case "dhcp-mud.pcap":
			m, err := ParseV4(sample.payload)
			if err != nil {
				t.Errorf("%s: %v", sample.file, err)
			}
			if !m.Reply {
				read[sample.file] = m.MUDURL
			}
		}
	}
	const v6 = "https://mudctl.example.com/.well-known/mud/v1/rasbp101"
	if v4 := read["dhcp-mud.pcap"]; !strings.HasPrefix(v4, "https://") || read["dhcpv6-mud.pcap"] != v6 {
		t.Errorf("MUD URLs %v", read)
	}
}
