package main

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// The captures of these tests are made here, packet by packet: a camera that looks up a name and uploads to it, a
// bulb that beacons over IPv6, and their router.
var (
	router = packet.MAC{2, 0, 0, 0, 1, 1}
	camera = packet.MAC{2, 0, 0, 0, 0, 1}
	bulb   = packet.MAC{2, 0, 0, 0, 0, 2}

	began = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

const (
	linkEthernet = 1
	linkRaw      = 101
	pcapHeader   = 24 // bytes before the first record
	recordHeader = 16
)

// moment is one packet of a capture.
type moment struct {
	after time.Duration // the beginning
	frame []byte
}

// cameraDay is a lookup, an upload and its answer, and the time of day: the router is who sends from two addresses
// outside.
func cameraDay() []moment {
	const cam, server, clock = "192.168.1.163", "198.51.100.7", "198.51.100.123"
	return []moment{
		{0, between(camera, router, udp(cam, "192.168.1.1", 40001, 53, question("up.cam.example.net.")))},
		{10 * time.Millisecond, between(router, camera, udp("192.168.1.1", cam, 53, 40001, answer("up.cam.example.net.", server)))},
		{20 * time.Millisecond, between(camera, router, tcp(cam, server, 41000, 443, make([]byte, 1000)))},
		{40 * time.Millisecond, between(router, camera, tcp(server, cam, 443, 41000, make([]byte, 200)))},
		{50 * time.Millisecond, between(router, camera, udp(clock, cam, 123, 123, make([]byte, 48)))},
	}
}

// bulbDay are three beacons, with a long silence between the last two.
func bulbDay() []moment {
	beacon := between(bulb, router, udp("2001:db8:20::2", "2001:db8:140::7", 7000, 7777, make([]byte, 100)))
	return []moment{{100 * time.Millisecond, beacon}, {200 * time.Millisecond, beacon}, {time.Hour, beacon}}
}

// makeCaptures writes all captures that the sessions name.
func makeCaptures(t *testing.T, dir string) {
	t.Helper()
	save := func(name string, link pcapfile.LinkType, moments ...moment) []byte {
		t.Helper()
		return saveCapture(t, filepath.Join(dir, name), link, moments)
	}
	whole := save("camera.pcap", linkEthernet, cameraDay()...)
	save("bulb.pcap", linkEthernet, bulbDay()...)
	save("empty.pcap", linkEthernet)
	save("raw.pcap", linkRaw, moment{0, udp("192.168.1.163", "198.51.100.7", 40001, 9999, []byte("no MAC"))})
	damaged := cameraDay()
	damaged[0].frame = damaged[0].frame[:20]       // no whole IP header
	damaged[1].frame = bytes.Repeat([]byte{7}, 60) // no Ethernet that means anything
	save("damaged.pcap", linkEthernet, damaged...)
	write(t, filepath.Join(dir, "truncated.pcap"), whole[:len(whole)-7])
	write(t, filepath.Join(dir, "stub.pcap"), whole[:pcapHeader-4])
	absurd := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(absurd[pcapHeader+recordHeader/2:], 1<<31)
	write(t, filepath.Join(dir, "absurd.pcap"), absurd)
	write(t, filepath.Join(dir, "garbage.pcap"), bytes.Repeat([]byte("not a capture\n"), 99))
}

func saveCapture(t *testing.T, path string, link pcapfile.LinkType, moments []moment) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file, pcapfile.WriterConfig{Link: link})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range moments {
		if err := w.WritePacket(began.Add(m.after), m.frame, 0); err != nil {
			t.Fatal(err)
		}
	}
	write(t, path, file.Bytes())
	return file.Bytes()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func between(from, to packet.MAC, l3 []byte) []byte {
	frame := append(append([]byte(nil), to[:]...), from[:]...)
	if l3[0]>>4 == 6 {
		return append(append(frame, 0x86, 0xdd), l3...)
	}
	return append(append(frame, 0x08, 0x00), l3...)
}

func udp(src, dst string, srcPort, dstPort uint16, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, srcPort)
	b = binary.BigEndian.AppendUint16(b, dstPort)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return ip(17, src, dst, append(append(b, 0, 0), payload...))
}

// tcp is a segment in the middle of a connection: ACK and PSH.
func tcp(src, dst string, srcPort, dstPort uint16, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, srcPort)
	b = binary.BigEndian.AppendUint16(b, dstPort)
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 1, 5<<4, 0x18, 0xff, 0xff, 0, 0, 0, 0)
	return ip(6, src, dst, append(b, payload...))
}

func ip(protocol byte, src, dst string, payload []byte) []byte {
	s, d := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	if s.Is6() {
		b := []byte{0x60, 0, 0, 0, 0, 0, protocol, 64}
		binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
		return append(append(append(b, s.AsSlice()...), d.AsSlice()...), payload...)
	}
	b := []byte{0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	return append(append(append(b, s.AsSlice()...), d.AsSlice()...), payload...)
}

func question(name string) []byte { return message(name, false, "") }

func answer(name, addr string) []byte { return message(name, true, addr) }

// message is a DNS question for an address, or its answer.
func message(name string, response bool, addr string) []byte {
	n := dnsmessage.MustNewName(name)
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, Response: response, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}
	if response {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: n, Class: dnsmessage.ClassINET, TTL: 60},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()},
		}}
	}
	packed, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return packed
}
