package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"spinneret/capture/packet"
)

// FuzzReader reads arbitrary files: they end, no frame is longer than it may be, and each record costs bytes of
// the file, so that none can go on for ever.
func FuzzReader(f *testing.F) {
	le, be := binary.LittleEndian, binary.BigEndian
	f.Add(recording(1, 2))
	f.Add(file(pcap(be, magicNano, LinkLinuxSLL2), record(be, 1, 2, hello, 100)))
	f.Add(file(section(le), iface(le, LinkEthernet, 0, option(le, 9, 0x8a), option(le, 0)), enhanced(le, 0, 7, hello, sentLen),
		block(le, blockSimple, words(le, sentLen), hello), section(be), iface(be, LinkNull, 40)))
	seedFiles(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader("fuzz", bytes.NewReader(file))
		if err != nil {
			return
		}
		var p packet.Packet
		for {
			err := r.Next(&p)
			if err != nil {
				if !errors.Is(err, io.EOF) && r.Stats().Truncated > 0 {
					t.Fatalf("a file that is cut off is no error: %v", err)
				}
				break
			}
			if len(r.frame.Data) > maxFrame || r.frame.Length > maxFrame || int64(p.Length) > maxFrame {
				t.Fatalf("frame of %d bytes, %d on the wire, %d counted", len(r.frame.Data), r.frame.Length, p.Length)
			}
			if y := p.Time.UTC().Year(); y < 1970 || y > 9999 {
				t.Fatalf("time %v", p.Time)
			}
		}
		if n := r.Stats().Packets; n*recordHeaderLen > uint64(len(file)) {
			t.Fatalf("%d packets in %d bytes", n, len(file))
		}
	})
}

// seedFiles adds the beginnings of real captures, where there are any.
func seedFiles(f *testing.F) {
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		f.Log("SPINNERET_TESTDATA is not set: no real captures among the seeds")
		return
	}
	paths, err := filepath.Glob(filepath.Join(dir, "pcap", "*", "*.pcap"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no captures in %s: %v", dir, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:min(len(b), 4096)])
	}
}

// FuzzAdvertised reads arbitrary options of router advertisements: whatever they say, no prefix is so wide that
// the internet becomes the home.
func FuzzAdvertised(f *testing.F) {
	f.Add(advertisement(router, "fe80::fe", "2001:db8::/64", "::/0", "64:ff9b::/96")[14+40+8:])
	f.Fuzz(func(t *testing.T, payload []byte) {
		p := packet.Packet{
			EtherType: packet.EtherTypeIPv6, Proto: packet.ProtoICMPv6, ICMPType: typeAdvertisement,
			Src: defaultLAN[5].Addr().Next(), Payload: payload,
		}
		a := advertised{}
		a.add(&p)
		for prefix := range a {
			if prefix.Bits() < shortestPrefix || !isDelegated(prefix.Addr()) || prefix != prefix.Masked() {
				t.Fatalf("took %v for the home", prefix)
			}
		}
	})
}
