package agent

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"spinneret/agent/events"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/capture/tap"
	"spinneret/ui"
)

const (
	// maxRecordings is how many live recordings go on at once.
	maxRecordings = 2
	// leastSeen is what is taken of a frame to know whose it is, though less may be kept.
	leastSeen = 128
	// pcapHeader and recordHeader are what a pcap file has beside its frames, in bytes.
	pcapHeader, recordHeader = 24, 16
)

// frameSource are the frames of one device: *tap.Recorder, or a fake.
type frameSource interface {
	Run(ctx context.Context, fn func(*pcapfile.Frame) error, idle func() error) error
	Lost() uint64
}

// recordings are what the owner records of devices.
type recordings struct {
	open   func(tap.RecorderConfig) (frameSource, error)
	ring   *tap.Ring
	placeC chan struct{} // one in it for each that goes on
	lost   atomic.Uint64 // by all of them
}

func newRecordings() *recordings {
	return &recordings{
		open:   func(c tap.RecorderConfig) (frameSource, error) { return tap.OpenRecorder(c) },
		placeC: make(chan struct{}, maxRecordings), ring: tap.NewRing(),
	}
}

// Record implements ui.Backend.
func (h *home) Record(ctx context.Context, mac string, q ui.CaptureQuery) (ui.Recording, error) {
	var device packet.MAC
	var links []int32
	d, err := h.onDevice(ctx, mac, false, func(m packet.MAC) error {
		device, links = m, h.recordable()
		if h.recordings == nil {
			return notLive()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if q.Past > 0 {
		h.audited(device, "record.past", d.Name)
		return h.recordings.past(device, h.now().Add(-q.Past), q), nil
	}
	return h.recordLive(device, d.Name, links, q)
}

func notLive() error {
	return &ui.Problem{
		Status: http.StatusConflict, Code: "unsupported", Title: "Nothing to record",
		Detail: "this is a replay of a capture: the file itself has all that there is",
	}
}

// recordable are the links at which devices are seen as they come: the bridges' ports, and LAN interfaces without any.
func (h *home) recordable() (links []int32) {
	for _, l := range h.net.LAN {
		names := l.Ports
		if len(names) == 0 {
			names = []string{l.Name}
		}
		for _, link := range h.snapshot.Links {
			if slices.Contains(names, link.Name) {
				links = append(links, link.Index)
			}
		}
	}
	return links
}

// audited enters what the owner looked at. The caller is no part of the loop.
func (h *home) audited(mac packet.MAC, key string, args ...any) {
	h.audit(events.Audit, mac.String(), key, args...)
}

func (h *home) recordLive(mac packet.MAC, name string, links []int32, q ui.CaptureQuery) (ui.Recording, error) {
	select {
	case h.recordings.placeC <- struct{}{}:
	default:
		return nil, &ui.Problem{
			Status: http.StatusServiceUnavailable, Code: "busy", Title: "Busy",
			Detail: "two recordings go on already: wait for the end of one, or stop it",
		}
	}
	source, err := h.recordings.open(tap.RecorderConfig{MAC: mac, Links: links, SnapLen: max(q.SnapLen, leastSeen)})
	if err != nil {
		<-h.recordings.placeC
		return nil, &ui.Problem{
			Status: http.StatusConflict, Code: "unsupported", Title: "Nothing can be recorded here", Detail: err.Error(),
		}
	}
	h.audited(mac, "record", name)
	return func(ctx context.Context, w ui.CaptureWriter) (uint64, error) {
		defer func() { <-h.recordings.placeC }()
		packets, err := record(ctx, source, q, w)
		lost := source.Lost()
		h.recordings.lost.Add(lost)
		h.audited(mac, "record.end", name, packets, lost)
		return lost, err
	}, nil
}

// errFull ends a recording that has as many bytes as were wanted.
var errFull = errors.New("the recording is as long as was asked for")

// record writes frames to w until the time is over or w has enough, and counts them.
func record(ctx context.Context, source frameSource, q ui.CaptureQuery, w ui.CaptureWriter) (packets int, err error) {
	ctx, cancel := context.WithTimeout(ctx, q.For)
	defer cancel()
	file, err := newFile(w, q)
	if err != nil {
		return 0, err
	}
	err = source.Run(ctx, func(f *pcapfile.Frame) error {
		if ownConnection(f, q) {
			return nil
		}
		if err := file.add(f); err != nil {
			return err
		}
		packets++
		return nil
	}, w.Flush)
	if errors.Is(err, errFull) {
		err = nil
	}
	return packets, err
}

// past writes what the ring has of a device.
func (r *recordings) past(mac packet.MAC, since time.Time, q ui.CaptureQuery) ui.Recording {
	frames := r.ring.Frames(mac, since)
	return func(_ context.Context, w ui.CaptureWriter) (uint64, error) {
		file, err := newFile(w, q)
		for i := 0; err == nil && i < len(frames); i++ {
			err = file.add(&frames[i])
		}
		if errors.Is(err, errFull) {
			err = nil
		}
		return 0, err
	}
}

// file is a pcap file of limited length.
type file struct {
	*pcapfile.Writer
	snapLen int
	left    int64 // bytes
}

func newFile(w ui.CaptureWriter, q ui.CaptureQuery) (*file, error) {
	out, err := pcapfile.NewWriter(w, pcapfile.WriterConfig{Link: pcapfile.LinkEthernet, SnapLen: q.SnapLen})
	return &file{out, q.SnapLen, q.Limit - pcapHeader}, err
}

func (f *file) add(frame *pcapfile.Frame) error {
	f.left -= recordHeader + int64(min(len(frame.Data), f.snapLen))
	if f.left < 0 {
		return errFull
	}
	return f.WritePacket(frame.Time, frame.Data, frame.Length)
}

// ownConnection reports whether a frame is of the connection that the recording is sent over.
func ownConnection(f *pcapfile.Frame, q ui.CaptureQuery) bool {
	if !q.Client.IsValid() {
		return false
	}
	var p packet.Packet
	_ = f.Decode(&p) // what cannot be read has no ports
	if p.Proto != packet.ProtoTCP {
		return false
	}
	from, to := netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)
	return from == q.Client && to == q.Server || from == q.Server && to == q.Client
}
