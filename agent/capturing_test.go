package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/capture/tap"
	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// frames are a recorder's: it hands them over at once, and then waits for the end.
type frames struct {
	list  [][]byte
	links []int32
	mac   packet.MAC
}

func (f *frames) Run(ctx context.Context, fn func(*pcapfile.Frame) error, idle func() error) error {
	for _, data := range f.list {
		if err := fn(&pcapfile.Frame{Time: epoch, Link: pcapfile.LinkEthernet, Length: len(data), Data: data}); err != nil {
			return err
		}
	}
	if err := idle(); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (*frames) Lost() uint64 { return 3 }

// download is a file on its way.
type download struct {
	bytes.Buffer
	flushed int // bytes
}

func (d *download) Flush() error { d.flushed = d.Len(); return nil }

// packets reads a file that was downloaded.
func (d *download) packets(t *testing.T) (list []packet.Packet) {
	t.Helper()
	r, err := pcapfile.NewReader("download", &d.Buffer)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var p packet.Packet
		if err := r.Next(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func frameTo(port uint16) []byte {
	return tcpFrame(netip.MustParseAddrPort("192.168.1.10:5000"), netip.AddrPortFrom(shop, port))
}

func tcpFrame(from, to netip.AddrPort) []byte {
	return lab.IP(lab.MAC{2, 0, 0, 0, 0, 9}, lab.MAC(macOf(0)), lab.TCP(from, to, 1, 0x10, nil))
}

// recording is a home whose recorder hears these frames.
func recording(t *testing.T, f *frames, test func(bubble)) {
	t.Helper()
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.recordings = newRecordings()
		b.recordings.open = func(c tap.RecorderConfig) (frameSource, error) {
			f.links, f.mac = c.Links, c.MAC
			return f, nil
		}
		test(b)
	})
}

func (b bubble) record(q ui.CaptureQuery) (ui.Recording, error) {
	return b.Record(b.Context(), macOf(0).String(), q)
}

func TestALiveRecordingEndsByItsTimeAndIsAudited(t *testing.T) {
	f := &frames{list: [][]byte{frameTo(80), frameTo(81)}}
	recording(t, f, func(b bubble) {
		run, err := b.record(ui.CaptureQuery{For: time.Minute, SnapLen: 256, Limit: 1000})
		if err != nil {
			b.Fatal(err)
		}
		var d download
		began := time.Now()
		lost, err := run(b.Context(), &d)
		if took := time.Since(began); err != nil || lost != 3 || took != time.Minute {
			b.Errorf("it ended after %v with %d lost, %v", took, lost, err)
		}
		if d.flushed != d.Len() {
			b.Errorf("%d of %d bytes were on their way when nothing more came", d.flushed, d.Len())
		}
		if got := d.packets(b.T); len(got) != 2 || got[1].DstPort != 81 || f.mac != macOf(0) || len(f.links) != 1 || f.links[0] != 3 {
			b.Errorf("it has %+v, recorded of %v on %v", got, f.mac, f.links)
		}
		if told := strings.Join(b.told("audit"), "\n"); !strings.Contains(told, "began to record") || !strings.Contains(told, "2 packets, 3 lost") {
			b.Errorf("the log says %q", told)
		}
		if s, _ := b.Status(b.Context()); b.recordings.lost.Load() != 3 || !strings.Contains(storeNames(s), "recent headers") {
			b.Errorf("status has stores %s", storeNames(s))
		}
	})
}

func storeNames(s ui.Status) string {
	var names []string
	for _, x := range s.Stores {
		names = append(names, x.Name)
	}
	return strings.Join(names, ", ")
}

// TestARecordingIsBounded by its bytes, and leaves out what carries itself.
func TestARecordingIsBounded(t *testing.T) {
	client, server := netip.MustParseAddrPort("192.168.1.10:40000"), netip.MustParseAddrPort("192.168.1.1:8484")
	f := &frames{list: [][]byte{tcpFrame(client, server), tcpFrame(server, client), frameTo(80), frameTo(81), frameTo(82)}}
	recording(t, f, func(b bubble) {
		whole := int64(len(frameTo(80)))
		run, err := b.record(ui.CaptureQuery{
			For: time.Minute, SnapLen: 256, Limit: pcapHeader + 2*(recordHeader+whole), Client: client, Server: server,
		})
		if err != nil {
			b.Fatal(err)
		}
		var d download
		if _, err := run(b.Context(), &d); err != nil {
			b.Fatal(err)
		}
		if got := d.packets(b.T); len(got) != 2 || got[0].DstPort != 80 || got[1].DstPort != 81 {
			b.Errorf("the file has %+v, want the two that there was room for", got)
		}
	})
}

func TestTwoRecordAtOnceAndNoMore(t *testing.T) {
	recording(t, &frames{}, func(b bubble) {
		var runs []ui.Recording
		for range maxRecordings {
			run, err := b.record(ui.CaptureQuery{For: time.Minute, Limit: 1000})
			if err != nil {
				b.Fatal(err)
			}
			runs = append(runs, run)
		}
		if _, err := b.record(ui.CaptureQuery{For: time.Minute}); code(b.T, err) != "503 busy" {
			b.Errorf("the third: %v", err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		cancel() // its reader is gone
		if _, err := runs[0](ctx, &download{}); err != nil {
			b.Error(err)
		}
		if _, err := b.record(ui.CaptureQuery{For: time.Minute}); err != nil {
			b.Errorf("after one has ended: %v", err)
		}
		b.recordings = newRecordings()
		b.recordings.open = func(tap.RecorderConfig) (frameSource, error) { return nil, errRefused }
		for range maxRecordings + 1 { // one that cannot begin takes no place
			if _, err := b.record(ui.CaptureQuery{For: time.Minute}); code(b.T, err) != "409 unsupported" {
				b.Errorf("where nothing can be recorded: %v", err)
			}
		}
		b.recordings = nil
		if _, err := b.record(ui.CaptureQuery{For: time.Minute}); code(b.T, err) != "409 unsupported" {
			b.Errorf("in a replay: %v", err)
		}
	})
}

func TestTheRecentPastIsWhatWasLogged(t *testing.T) {
	recording(t, &frames{}, func(b bubble) {
		for i, age := range []time.Duration{2 * time.Minute, 30 * time.Second} {
			var p packet.Packet
			if err := p.DecodeEthernet(frameTo(uint16(80+i)), 0); err != nil {
				b.Fatal(err)
			}
			p.Time = b.now().Add(-age)
			b.recordings.ring.Observe(&p, macOf(0), packet.MAC{})
		}
		run, err := b.record(ui.CaptureQuery{Past: time.Minute, SnapLen: 64, Limit: 1000})
		if err != nil {
			b.Fatal(err)
		}
		var d download
		if lost, err := run(b.Context(), &d); lost != 0 || err != nil {
			b.Errorf("%d lost, %v", lost, err)
		}
		if got := d.packets(b.T); len(got) != 1 || got[0].DstPort != 81 || got[0].SrcMAC != macOf(0) {
			b.Errorf("the last minute is %+v", got)
		}
		if told := b.told("audit"); len(told) != 1 || !strings.Contains(told[0], "headers that were logged") {
			b.Errorf("the log says %q", told)
		}
	})
}
