package pcapfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

var _ capture.Source = (*Merged)(nil)

// recording is a file of hello at the given seconds.
func recording(seconds ...uint32) []byte {
	le := binary.LittleEndian
	b := pcap(le, magicMicro, LinkEthernet)
	for _, s := range seconds {
		b = append(b, record(le, s, 0, hello, sentLen)...)
	}
	return b
}

func reader(t *testing.T, name string, file []byte) *Reader {
	t.Helper()
	r, err := NewReader(name, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMergeOrdersByTime(t *testing.T) {
	m := Merge(0, reader(t, "a", recording(1, 4, 4, 9)), reader(t, "b", recording()), reader(t, "c", recording(2, 3, 4, 8)))
	var got []int64
	if err := m.Run(t.Context(), func(p *packet.Packet) {
		got = append(got, p.Time.Unix())
		if string(p.Payload) != "hello" {
			t.Errorf("payload %q, want hello", p.Payload)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if want := "[1 2 3 4 4 4 8 9]"; fmt.Sprint(got) != want {
		t.Errorf("order %v, want %v", got, want)
	}
	if got, want := m.Stats(), (Stats{Packets: 8}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	for _, speed := range []float64{0, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := Merge(speed, reader(t, "a", recording(1, 2, 3))).Run(ctx, func(*packet.Packet) {
			n++
			cancel()
		})
		if err != nil || n != 1 {
			t.Errorf("speed %v: %d packets, %v; want one and no error", speed, n, err)
		}
	}
}

func TestRunNamesTheDamagedFile(t *testing.T) {
	damaged := append(recording(2), words(binary.LittleEndian, 1, 0, 0xffffffff, 0)...)
	n := 0
	err := Merge(0, reader(t, "good.pcap", recording(1, 3)), reader(t, "bad.pcap", damaged)).
		Run(t.Context(), func(*packet.Packet) { n++ })
	if err == nil || !strings.Contains(err.Error(), `"bad.pcap" after packet 1`) || n != 2 {
		t.Errorf("%d packets, %v; want two and an error that names bad.pcap", n, err)
	}
}

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name    string
		speed   float64
		seconds []uint32
		hold    time.Duration // how long each packet is worked on
		want    string        // when the packets come
	}{
		{"as recorded", 1, []uint32{10, 10, 11}, 0, "[0s 0s 1s]"},
		{"silences are shortened to a second", 1, []uint32{10, 40, 10000, 10001}, 0, "[0s 1s 2s 3s]"},
		{"twice as fast", 2, []uint32{10, 11, 40}, 0, "[0s 500ms 1s]"},
		{"times that go back do not wait", 1, []uint32{10, 5, 6}, 0, "[0s 0s 1s]"},
		{"work is not added to the time", 1, []uint32{1, 2, 3}, time.Second / 2, "[0s 1s 2s]"},
		{"who is late catches up a second at most", 10, []uint32{1, 2, 3, 4}, 3 * time.Second, "[0s 3s 6s 9s]"},
		{"without waiting", 0, []uint32{10, 20, 30}, 0, "[0s 0s 0s]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var got []time.Duration
				err := Merge(tt.speed, reader(t, "a", recording(tt.seconds...))).Run(t.Context(), func(*packet.Packet) {
					got = append(got, time.Since(start))
					time.Sleep(tt.hold)
				})
				if err != nil || fmt.Sprint(got) != tt.want {
					t.Errorf("packets at %v, %v; want %s", got, err, tt.want)
				}
			})
		})
	}
}

func TestOpenMerged(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.pcap"), filepath.Join(dir, "bad.pcap")
	for path, content := range map[string][]byte{good: recording(1), bad: []byte("no capture")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenMerged(0, good, bad); !errors.Is(err, errForeign) || !strings.Contains(err.Error(), "bad.pcap") {
		t.Errorf("error %v, want one that names bad.pcap", err)
	}
	m, err := OpenMerged(0, good, good)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := m.Run(t.Context(), func(*packet.Packet) { n++ }); err != nil || n != 2 {
		t.Errorf("%d packets, %v; want two", n, err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
