package packet_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unsafe"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// seedFrames adds some frames of each real capture, where there are any.
func seedFrames(f *testing.F) {
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
		seedFile(f, path)
	}
}

func seedFile(f *testing.F, path string) {
	r, err := pcapfile.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	defer r.Close()
	var frame pcapfile.Frame
	for range 20 {
		err := r.ReadFrame(&frame)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte(nil), frame.Data...), frame.Length)
	}
}

func FuzzDecodeEthernet(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\xfe\x02\x00\x00\x00\x00\x01\x81\x00\x00\x07\x86\xdd`\x00\x00\x00\x00\x08\x2c\x40"+
		"                                \x11\x00\x00\x01\x00\x00\x00\x01"), 900)
	f.Add([]byte("\x02\x00\x00\x00\x00\xfe\x02\x00\x00\x00\x00\x01\x00\x26\xaa\xaa\x03\x00\x00\x00\x08\x00"), 60)
	seedFrames(f)
	f.Fuzz(func(t *testing.T, frame []byte, sent int) {
		// What an earlier frame left behind must not show: p had one, q had none.
		p, q := packet.Packet{SrcPort: 7, Fragment: true, ARPOp: 7, Payload: []byte("old")}, packet.Packet{}
		err := p.DecodeEthernet(frame, sent)
		if err2 := q.DecodeEthernet(frame, sent); !errors.Is(err2, err) || !reflect.DeepEqual(p, q) {
			t.Fatalf("decoded twice: %v, %v\n%+v\n%+v", err, err2, p, q)
		}
		checkPacket(t, &p, frame, max(sent, len(frame)))
		if err != nil && !errors.Is(err, packet.ErrMalformed) && !errors.Is(err, packet.ErrTruncated) {
			t.Fatalf("error of no kind: %v", err)
		}
	})
}

func FuzzDecodeIP(f *testing.F) {
	f.Add([]byte("E\x00\x00\x1c\x12\x34\x20\x00\x40\x11\x00\x00\xc0\xa8\x01\xa3\xc6\x33\x64\x07\xa1\x12\x005\x00\x08\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		mac := packet.MAC{2, 0, 0, 0, 0, 1}
		p, q := packet.Packet{SrcMAC: mac, In: 3}, packet.Packet{SrcMAC: mac, In: 3, DstPort: 7, ICMPType: 7, TCPSeq: 7}
		err := p.DecodeIP(b)
		if err2 := q.DecodeIP(b); !errors.Is(err2, err) || !reflect.DeepEqual(p, q) {
			t.Fatalf("decoded twice: %v, %v\n%+v\n%+v", err, err2, p, q)
		}
		if p.SrcMAC != mac || p.In != 3 {
			t.Fatalf("changed what its caller knew: %+v", p)
		}
		checkPacket(t, &p, b, max(len(b), 40+0xffff))
	})
}

// checkPacket checks what holds for every packet, whatever was in it.
func checkPacket(t *testing.T, p *packet.Packet, frame []byte, sent int) {
	t.Helper()
	if int64(p.Length) > int64(sent) {
		t.Fatalf("length %d of a frame of %d bytes", p.Length, sent)
	}
	if p.IsIP() && (p.Src.Is4() != (p.EtherType == packet.EtherTypeIPv4) || p.Src.Is4() != p.Dst.Is4() || p.Src.Is4In6()) {
		t.Fatalf("addresses %v and %v in ethertype %#04x", p.Src, p.Dst, p.EtherType)
	}
	if p.FragOffset > 0 && (!p.Fragment || p.SrcPort|p.DstPort != 0 || len(p.Payload) > 0) {
		t.Fatalf("later fragment with a transport header: %+v", p)
	}
	if len(p.Payload) == 0 {
		return
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(frame)))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(p.Payload)))
	if at < start || at+uintptr(len(p.Payload)) > start+uintptr(len(frame)) {
		t.Fatalf("payload is not in the frame")
	}
}
