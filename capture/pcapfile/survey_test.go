package pcapfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/lab/expect"
)

// homes are recordings of homes, by what is to be shown with them.
var homes = []struct {
	name   string
	config SurveyConfig
	frames [][]byte
}{
	{"a router that answers DHCP", SurveyConfig{}, [][]byte{
		udp4(camera, "0.0.0.0", "255.255.255.255", 68, 67, "discover"),
		udp4(router, "192.168.1.1", "255.255.255.255", 67, 68, "offer"),
	}},
	{"a router that answers DHCP and asks for it upstream", SurveyConfig{}, [][]byte{
		udp4(router, "0.0.0.0", "255.255.255.255", 68, 67, "discover"),
		udp4(router, "192.168.1.1", "255.255.255.255", 67, 68, "offer"),
	}},
	{"a router that advertises a prefix, which is the home's", SurveyConfig{}, [][]byte{
		advertisement(router, "fe80::fe", "2001:db8:1:2::/64", "fd00:1::/64"),
		udp4(router, "2001:db8:1:2::fe", "2001:db8:1:2::1", 53, 5353, "answer"),
		udp4(camera, "2001:db8:1:2::1", "2001:db8:1:2::fe", 5353, 53, "question"),
		udp4(camera, "2001:db8:9:9::1", "2001:db8:1:2::fe", 5353, 53, "spoofed"),
	}},
	{"prefixes as wide as a piece of the internet are not", SurveyConfig{}, [][]byte{
		advertisement(router, "fe80::fe", "2000::/3", "::/0", "ff02::/64", "fe80::/64", "64:ff9b::/96", "0:0:0:1::/48"),
	}},
	{"an advertisement from a global address is none", SurveyConfig{}, [][]byte{
		advertisement(camera, "2001:db8::1", "2001:db8:1:2::/64"),
	}},
	{"a router that forwards from two addresses", SurveyConfig{}, [][]byte{
		udp4(router, "198.51.100.7", "192.168.1.163", 443, 5000, ""),
		udp4(router, "203.0.113.9", "192.168.1.163", 443, 5000, ""),
		udp4(router, "192.168.1.1", "192.168.1.163", 53, 5000, ""),
		udp4(camera, "192.168.1.163", "198.51.100.7", 5000, 443, ""),
	}},
	{"one address does not make a router", SurveyConfig{}, [][]byte{
		udp4(router, "198.51.100.7", "192.168.1.163", 443, 5000, ""),
		udp4(router, "198.51.100.7", "192.168.1.163", 443, 5001, ""),
	}},
	{"two addresses of a /64 do not make a router", SurveyConfig{}, [][]byte{
		udp4(camera, "2001:db8:1:2::1", "2001:db8::7", 5000, 443, ""),
		udp4(camera, "2001:db8:1:2::2", "2001:db8::7", 5000, 443, ""),
	}},
	{"two /64s do", SurveyConfig{}, [][]byte{
		udp4(router, "2001:db8:1:2::1", "fd00:1::1", 443, 5000, ""),
		udp4(router, "2001:db8:1:3::1", "fd00:1::1", 443, 5000, ""),
	}},
	{"one of each kind does not", SurveyConfig{}, [][]byte{
		udp4(camera, "2001:db8:1:2::1", "2001:db8::7", 443, 5000, ""),
		udp4(camera, "198.51.100.7", "203.0.113.9", 443, 5000, ""),
	}},
	{"a device that asks for DHCP may send from anywhere", SurveyConfig{}, [][]byte{
		udp4(camera, "0.0.0.0", "255.255.255.255", 68, 67, "discover"),
		udp4(camera, "198.51.100.7", "203.0.113.9", 5000, 443, ""),
		udp4(camera, "198.51.100.8", "203.0.113.9", 5000, 443, ""),
	}},
	{"two addresses outside make a router, whoever began", SurveyConfig{}, [][]byte{
		udp4(router, "198.51.100.7", "192.168.1.20", 5000, 5001, ""),
		udp4(router, "198.51.100.8", "192.168.1.20", 5000, 5001, ""),
	}},
	{"who only begins, from many addresses, is no router but forges them", SurveyConfig{}, fromMany(camera)},
	{"but is one if it is sent something for outside", SurveyConfig{}, append(fromMany(router),
		sentTo(router, udp4(bulb, "192.168.1.20", "198.51.100.7", 5001, 5000, "")))},
	{"addresses that nobody has are not outside", SurveyConfig{}, [][]byte{
		udp4(camera, "0.0.0.0", "255.255.255.255", 5000, 5000, ""),
		udp4(camera, "255.255.255.255", "192.168.1.1", 5000, 5000, ""),
		udp4(camera, "224.0.0.251", "192.168.1.1", 5353, 5353, ""),
		udp4(camera, "127.0.0.1", "192.168.1.1", 5000, 5000, ""),
		udp4(camera, "::", "ff02::1", 5000, 5000, ""),
	}},
	{"what a router forwards from another LAN is not its own", SurveyConfig{}, [][]byte{
		udp4(router, "192.168.1.1", "255.255.255.255", 67, 68, "offer"),
		udp4(router, "192.168.2.5", "192.168.1.163", 631, 5000, ""),
		udp4(bulb, "192.168.2.5", "192.168.1.163", 631, 5000, ""),
	}},
	{"arp tells a router's address", SurveyConfig{Routers: []packet.MAC{router}}, [][]byte{
		arp(router, "192.168.1.1"), arp(camera, "192.168.1.163"),
	}},
	{"arp from outside is not forwarding", SurveyConfig{}, [][]byte{
		arp(camera, "198.51.100.7"), arp(camera, "198.51.100.8"),
	}},
	{"a group address is no router", SurveyConfig{}, [][]byte{
		udp4(packet.MAC{3, 0, 0, 0, 0, 1}, "192.168.1.1", "255.255.255.255", 67, 68, "offer"),
	}},
	{"prefixes that are given replace all others", SurveyConfig{LAN: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}, [][]byte{
		advertisement(router, "fe80::fe", "2001:db8:1:2::/64"),
		udp4(router, "198.51.100.1", "198.51.100.7", 53, 5000, ""),
		udp4(camera, "192.168.1.163", "198.51.100.1", 443, 5000, ""),
		udp4(camera, "192.168.2.163", "198.51.100.1", 443, 5000, ""),
	}},
	{"routers that are given replace all others", SurveyConfig{Routers: []packet.MAC{bulb}}, [][]byte{
		udp4(router, "192.168.1.1", "255.255.255.255", 67, 68, "offer"),
		udp4(bulb, "192.168.1.2", "255.255.255.255", 5000, 5000, ""),
	}},
	{"frames that cannot be decoded say nothing", SurveyConfig{}, [][]byte{
		udp4(router, "192.168.1.1", "255.255.255.255", 67, 68, "offer")[:30],
	}},
}

func fromMany(from packet.MAC) (frames [][]byte) {
	for i := range manyOutside {
		frames = append(frames, udp4(from, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String(), "192.168.1.20", 5000, 53, ""))
	}
	return frames
}

// sentTo makes a frame one to another MAC.
func sentTo(to packet.MAC, frame []byte) []byte {
	return append(append([]byte(nil), to[:]...), frame[6:]...)
}

func arp(from packet.MAC, addr string) []byte {
	b := append(append([]byte(nil), packet.Broadcast[:]...), from[:]...)
	b = append(b, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2)
	a := netip.MustParseAddr(addr).AsSlice()
	return append(append(append(append(b, from[:]...), a...), packet.Broadcast[:]...), a...)
}

func TestSurvey(t *testing.T) {
	var got bytes.Buffer
	for _, h := range homes {
		home, err := Survey(t.Context(), h.config, write(t, h.frames...))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s\n%s\n", h.name, describe(home))
	}
	expect.Golden(t, "survey.txt", got.String())
}

func TestSurveySeesAllFilesAsOneHome(t *testing.T) {
	advertised := write(t, advertisement(bulb, "fe80::2", "2001:db8:1::/48"))
	forwarded := write(t,
		udp4(router, "2001:db8:1:1::1", "2001:db8:1:3::1", 443, 5000, ""),
		udp4(router, "2001:db8:1:2::1", "2001:db8:1:3::1", 443, 5000, ""),
	)
	alone, err := Survey(t.Context(), SurveyConfig{}, forwarded)
	if err != nil {
		t.Fatal(err)
	}
	// The prefix comes in a later file than the packets that it is about.
	both, err := Survey(t.Context(), SurveyConfig{}, forwarded, advertised)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(alone.RouterMACs, both.RouterMACs), fmt.Sprintf("[%v] [%v]", router, bulb); got != want {
		t.Errorf("routers %s, want %s", got, want)
	}
}

func TestSurveyIsBounded(t *testing.T) {
	s := survey{lan: defaultLAN, senders: map[packet.MAC]*sender{}}
	p := packet.Packet{EtherType: packet.EtherTypeIPv4, SrcMAC: packet.MAC{2}}
	for i := range uint32(2 * maxSenders) {
		p.Src = netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		s.add(&p)
		binary.BigEndian.PutUint32(p.SrcMAC[2:], i/64)
		s.add(&p)
		binary.BigEndian.PutUint32(p.SrcMAC[2:], i<<8)
		s.add(&p)
	}
	if len(s.senders) != maxSenders {
		t.Errorf("%d senders, want %d", len(s.senders), maxSenders)
	}
	for mac, sender := range s.senders {
		if len(sender.own) > maxOwn {
			t.Fatalf("%v has %d addresses, want %d at most", mac, len(sender.own), maxOwn)
		}
	}
	a := advertised{}
	for i := range 2 * maxPrefixes {
		a.addPrefix(append([]byte{3, 4, 64}, append(make([]byte, 13), 0x20, 1, 0xd, 0xb8, 0, 0, 0, byte(i), 0, 0, 0, 0, 0, 0, 0, 0)...))
	}
	if len(a) != maxPrefixes {
		t.Errorf("%d prefixes, want %d", len(a), maxPrefixes)
	}
}

func TestSurveyStops(t *testing.T) {
	path := write(t, hello)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Survey(ctx, SurveyConfig{}, path); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if _, err := Survey(t.Context(), SurveyConfig{}, path, filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that a file is missing", err)
	}
}

// write makes a file of frames, with the package's own Writer.
func write(t *testing.T, frames ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "home.pcap")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w, err := NewWriter(out, WriterConfig{Link: LinkEthernet})
	if err != nil {
		t.Fatal(err)
	}
	for _, frame := range frames {
		if err := w.WritePacket(at(0), frame, 0); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// describe leaves the default prefixes out.
func describe(h *capture.Home) string {
	s := ""
	for _, p := range h.LAN {
		isDefault := false
		for _, d := range defaultLAN {
			isDefault = isDefault || d == p
		}
		if !isDefault {
			s += fmt.Sprintf("\tlan %v\n", p)
		}
	}
	for _, m := range h.RouterMACs {
		s += fmt.Sprintf("\trouter %v\n", m)
	}
	for _, a := range h.RouterAddrs {
		s += fmt.Sprintf("\taddress %v\n", a)
	}
	return s
}
