package tap

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var (
	recorded = lab.MAC{2, 0, 0, 0, 0, 1}
	other    = lab.MAC{2, 0, 0, 0, 0, 2}
)

// twoPorts is a bridge with a device at each of two ports, and their ends of the cables.
func twoPorts(t *testing.T) (router *lab.NS, one, two *lab.Raw, links []int32) {
	t.Helper()
	router, one = switched(t)
	ip := router.Command(t.Context(), "ip", "-batch", "-")
	ip.Stdin = strings.NewReader("link add lan2 type veth peer name far2\nlink set lan2 master bridge0 up\nlink set far2 up\n")
	if _, err := router.Run(ip); err != nil {
		t.Fatal(err)
	}
	two, err := router.OpenRaw("far2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { two.Close() })
	err = router.Do(func() error {
		for _, name := range []string{"lan1", "lan2"} {
			i, err := net.InterfaceByName(name)
			if err != nil {
				return err
			}
			links = append(links, int32(i.Index))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	passes(t, router, one, "lan2")
	passes(t, router, two, "lan1")
	return router, one, two, links
}

// passes waits until what is sent comes out of a port: a bridge uses one a moment after it is up.
func passes(t *testing.T, router *lab.NS, from *lab.Raw, port string) {
	t.Helper()
	probe := lab.Ethernet(lab.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, lab.MAC{2, 0, 0, 0, 0, 9}, 0x88b7, nil)
	c, err := router.CountFrames(t.Context(), port, func(frame []byte) bool { return bytes.Equal(frame[:min(len(frame), len(probe))], probe) })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	expect.Eventually(t, "something comes out of "+port, func() bool {
		send(t, from, probe)
		return c.Count() > 0
	})
}

func record(t *testing.T, router *lab.NS, c RecorderConfig) (r *Recorder) {
	t.Helper()
	if err := router.Do(func() (err error) { r, err = OpenRecorder(c); return err }); err != nil {
		t.Fatal(err)
	}
	return r
}

func send(t *testing.T, from *lab.Raw, frame []byte) {
	t.Helper()
	if err := from.Send(frame); err != nil {
		t.Fatal(err)
	}
}

// The last frames of the two devices, after which a recording ends.
var lasts = [][]byte{
	lab.Ethernet(other, recorded, 0x88b6, []byte("last")), lab.Ethernet(recorded, other, 0x88b6, []byte("last")),
}

var errLast = errors.New("the last ones came")

// frames are those of the recording until the last ones: those of the device, then those to it.
func (r *Recorder) frames(t *testing.T) (list []pcapfile.Frame) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var to []pcapfile.Frame
	ended := 0
	err := r.Run(ctx, func(f *pcapfile.Frame) error {
		kept := *f
		kept.Data = bytes.Clone(f.Data)
		switch {
		case bytes.Equal(f.Data, lasts[0]), bytes.Equal(f.Data, lasts[1]):
			ended++
		case bytes.HasPrefix(f.Data, recorded[:]):
			to = append(to, kept)
		default:
			list = append(list, kept)
		}
		if ended == len(lasts) {
			return errLast
		}
		return nil
	}, func() error { return nil })
	if !errors.Is(err, errLast) {
		t.Fatalf("the recording ended with %v", err)
	}
	return append(list, to...)
}

// TestARecordingHasWhatTheDeviceSendsAndGets, each frame once, with what the kernel takes off it put back.
func TestARecordingHasWhatTheDeviceSendsAndGets(t *testing.T) {
	router, one, two, links := twoPorts(t)
	hello := lab.Ethernet(lab.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, recorded, 0x88b5, []byte("to all"))
	send(t, two, lab.Ethernet(recorded, other, 0x88b5, []byte("before")))
	send(t, one, hello) // the bridge learns where they are
	r := record(t, router, RecorderConfig{MAC: recordedMAC, Links: links, SnapLen: 100})
	sent := [][]byte{
		hello,
		lab.Ethernet(other, recorded, 0x88b5, bytes.Repeat([]byte("long"), 100)),
		lab.Ethernet(other, recorded, 0x8100, []byte{0x20, 5, 0x88, 0xb5, 't', 'a', 'g'}),
	}
	for _, frame := range sent {
		send(t, one, frame)
	}
	answer := lab.Ethernet(recorded, other, 0x88b5, []byte("answer"))
	send(t, two, lab.Ethernet(lab.MAC{2, 0, 0, 0, 0, 3}, other, 0x88b5, []byte("not for it")))
	send(t, two, answer)
	send(t, one, lasts[0])
	send(t, two, lasts[1])
	got := r.frames(t)
	want := append(sent, answer)
	if len(got) != len(want) {
		t.Fatalf("%d frames were recorded, want %d: %+v", len(got), len(want), got)
	}
	for i, f := range got {
		if whole := want[i]; !bytes.Equal(f.Data, whole[:min(len(whole), 100)]) || f.Length != len(whole) {
			t.Errorf("frame %d is %x of %d bytes, want %x of %d", i, f.Data, f.Length, whole, len(whole))
		}
		if age := time.Since(f.Time); age < 0 || age > time.Minute {
			t.Errorf("frame %d is of %v", i, f.Time)
		}
	}
}

// TestWhatNobodyReadsIsLostAndCounted: the reader waits with the first frame until all are sent.
func TestWhatNobodyReadsIsLostAndCounted(t *testing.T) {
	const flood = 20000
	router, one, _, links := twoPorts(t)
	r := record(t, router, RecorderConfig{MAC: recordedMAC, Links: links, SnapLen: MaxSnapLen})
	frame := lab.Ethernet(other, recorded, 0x88b5, make([]byte, 1000))
	for range flood {
		send(t, one, frame)
	}
	ctx, cancel := context.WithCancel(t.Context())
	read := uint64(0)
	err := r.Run(ctx, func(*pcapfile.Frame) error { read++; return nil }, func() error { cancel(); return nil })
	if lost := r.Lost(); err != nil || read == 0 || lost == 0 || read+lost > flood || read+lost < flood/2 {
		t.Errorf("of %d frames %d were read and %d lost, %v", flood, read, lost, err)
	}
}

func TestTheRingKeepsTheLatestOfEachDevice(t *testing.T) {
	r, at := NewRing(), time.Unix(1000, 0)
	add := func(mac packet.MAC, after time.Duration, payload string) {
		t.Helper()
		var p packet.Packet
		src, dst := netip.MustParseAddrPort("192.168.1.2:5000"), netip.MustParseAddrPort("198.51.100.7:53")
		if err := p.DecodeIP(lab.UDP(src, dst, []byte(payload))); err != nil {
			t.Fatal(err)
		}
		p.Time, p.SrcMAC = at.Add(after), mac
		r.Observe(&p, mac, packet.MAC{})
	}
	long := strings.Repeat("x", 500)
	add(recordedMAC, 0, "old")
	add(recordedMAC, time.Minute, long)
	add(otherMAC, time.Minute, "another's")
	add(otherMAC, time.Minute, "another's") // once more, as of another port
	frames := r.Frames(recordedMAC, at.Add(time.Second))
	if len(frames) != 1 || !frames[0].Time.Equal(at.Add(time.Minute)) || frames[0].Length != 14+28+500 || len(frames[0].Data) != 14+80 {
		t.Fatalf("the last minute is %+v", frames)
	}
	var p packet.Packet
	if err := frames[0].Decode(&p); p.SrcMAC != recordedMAC || p.DstPort != 53 {
		t.Errorf("it reads as %+v, %v", p, err)
	}
	if others := r.Frames(otherMAC, at); len(others) != 1 {
		t.Errorf("what was logged twice is there %d times", len(others))
	}
	add(otherMAC, time.Second, "late")
	if others := r.Frames(otherMAC, at); len(others) != 2 || !others[0].Time.Equal(at.Add(time.Second)) {
		t.Errorf("what was logged late is not in its place: %+v", others)
	}
	r.Forget(recordedMAC)
	if left, others := r.Frames(recordedMAC, at), r.Frames(otherMAC, at); len(left) != 0 || len(others) != 2 {
		t.Errorf("after it was forgotten there are %d of it and %d of the other", len(left), len(others))
	}
	for i := range ringSlots + 1 {
		add(otherMAC, 2*time.Minute+time.Duration(i)*2*time.Millisecond, "flood")
	}
	if s := r.Stores()[0]; s.Used != ringSlots || s.Limit != ringSlots || s.Evicted != 1 {
		t.Errorf("it says %+v, want it full, and what was displaced within a minute", s)
	}
	if frames := r.Frames(otherMAC, at); len(frames) != ringSlots {
		t.Errorf("it has %d frames, want the last %d", len(frames), ringSlots)
	}
}

var recordedMAC, otherMAC = packet.MAC(recorded), packet.MAC(other)

// BenchmarkRing is what each logged packet costs.
func BenchmarkRing(b *testing.B) {
	r := NewRing()
	p := packet.Packet{Time: time.Unix(1, 0), Network: make([]byte, 128)}
	b.ReportAllocs()
	for b.Loop() {
		r.Observe(&p, recordedMAC, packet.MAC{})
	}
}
