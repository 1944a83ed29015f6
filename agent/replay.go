package agent

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sort"
	"sync/atomic"
	"time"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/capture/say"
	"spinneret/ui"
)

// ReplayOptions is what `spinneret replay` was asked for.
type ReplayOptions struct {
	Files  []string
	Survey pcapfile.SurveyConfig
	Speed  float64 // times real time; 0: as fast as it can be read
	Options
}

// The limits where a capture is read to its end, on a machine that is no router: nothing in it is to be forgotten. A
// million flows take about 300 MB, as many names 250 MB, the devices 60 MB.
const (
	replayFlows   = 1 << 20
	replayDevices = 1 << 16
	replayNames   = 1 << 20
)

// Report is what a capture held, in capture time (the contract's section 4, replay -json).
type Report struct {
	Devices  []ui.Device  `json:"devices"`
	Flows    []ui.Flow    `json:"flows"`
	Names    []Name       `json:"names"`
	Findings []ui.Finding `json:"findings"`
	Stats    ReportStats  `json:"stats"`
}

// Name is a name that a device knew an address by.
type Name struct {
	Device  *string  `json:"device"`
	Address string   `json:"address"`
	Name    string   `json:"name"`
	Source  string   `json:"source"`
	At      *ui.Time `json:"at"`
}

// ReportStats counts the packets of all files, those that could not be decoded among them.
type ReportStats struct {
	Packets   uint64 `json:"packets"`
	Bad       uint64 `json:"bad"`
	Truncated uint64 `json:"truncated"`
}

// captureClock is a source that shows the time of its last packet, running on from there.
type captureClock struct {
	capture.Source
	at, seen atomic.Int64    // Unix nanoseconds, of the packet and of the machine
	began    func(time.Time) // told the first packet's time; may be nil
}

// Run implements capture.Source.
func (c *captureClock) Run(ctx context.Context, fn func(*packet.Packet)) error {
	return c.Source.Run(ctx, func(p *packet.Packet) {
		c.seen.Store(time.Now().UnixNano()) // first: now adds to at what passed since
		if c.at.Swap(p.Time.UnixNano()) == 0 && c.began != nil {
			c.began(p.Time)
		}
		fn(p)
	})
}

// now is capture time: it runs on after the last packet.
func (c *captureClock) now() time.Time {
	at := c.at.Load()
	if at == 0 {
		return time.Unix(0, 0)
	}
	return time.Unix(0, at).Add(time.Since(time.Unix(0, c.seen.Load())))
}

// end is the time of the last packet.
func (c *captureClock) end() time.Time { return time.Unix(0, c.at.Load()) }

// ReadCapture reads the files to their end and reports what they held. What there was no room for it warns of.
func ReadCapture(ctx context.Context, o ReplayOptions, log *slog.Logger) (Report, error) {
	o.Flows, o.Devices = cmp.Or(o.Flows, replayFlows), cmp.Or(o.Devices, replayDevices)
	src, clock, err := o.open()
	if err != nil {
		return Report{}, err
	}
	defer src.Close()
	o.Now = clock.end
	a, err := newReplay(ctx, o, log)
	if err != nil {
		return Report{}, err
	}
	a.home.table.KeepFinished(0) // nobody asks for the past here
	a.home.names = names.NewStoreWith(names.Limits{Names: replayNames, PerDevice: replayNames})
	observers := append([]capture.Observer{everySecond(a.home.observeDevices, a.home.judgeSecond)}, a.home.observers()...)
	if err := capture.Run(ctx, clock, a.home.table, observers...); err != nil {
		return Report{}, err
	}
	report := a.home.report(src.Stats())
	a.home.tellForgotten()
	return report, ctx.Err()
}

// OpenReplay makes an agent that shows a capture as if it happened now; it runs until it is told to stop.
func OpenReplay(ctx context.Context, o ReplayOptions, log *slog.Logger) (*Agent, error) {
	src, clock, err := o.open()
	if err != nil {
		return nil, err
	}
	o.Now = clock.now
	o.BlindSpots = append(o.BlindSpots, say.New("spot.recording").String())
	a, err := newReplay(ctx, o, log)
	if err != nil {
		return nil, err
	}
	a.home.byCapture = true
	a.add("capture", func(ctx context.Context) error {
		defer src.Close()
		clock.began = func(at time.Time) { _ = a.home.do(ctx, func() { a.home.started = at }) } // fails where all ends
		observers := append([]capture.Observer{everySecond(func(time.Time) {}, a.home.judgeShown(ctx))}, a.home.observers()...)
		err := capture.Run(ctx, clock, a.home.table, observers...)
		if err != nil || ctx.Err() != nil {
			return err
		}
		_ = a.home.do(ctx, func() { // fails where all ends
			a.home.byCapture = false
			a.home.endAll(ctx)
		})
		return nil
	})
	return a, nil
}

func (o ReplayOptions) open() (*pcapfile.Merged, *captureClock, error) {
	src, err := pcapfile.OpenMerged(o.Speed, o.Files...)
	if err != nil {
		return nil, nil, err
	}
	return src, &captureClock{Source: src}, nil
}

// newReplay makes an agent that knows the home that the files were recorded in.
func newReplay(ctx context.Context, o ReplayOptions, log *slog.Logger) (*Agent, error) {
	found, err := pcapfile.Survey(ctx, o.Survey, o.Files...)
	if err != nil {
		return nil, err
	}
	o.Recorded = true
	a, err := newAgent(o.Options, log)
	if err != nil {
		return nil, err
	}
	a.home.table.SetHome(found)
	a.home.detector.SetRouter(found.RouterAddrs)
	a.home.state = "applied"
	a.home.levels.Set(capture.Abilities{capture.LevelPackets: capture.Able})
	return a, nil
}

func (h *home) report(stats pcapfile.Stats) Report {
	h.observeDevices(h.now())
	h.hearDescriptions(h.now())
	h.endCapture(h.now())
	found := h.newest(packet.MAC{}, time.Time{})
	flows := make([]ui.Flow, min(len(found), replayFlows))
	for i := range flows {
		flows[i] = h.uiFlow(&found[i])
	}
	r := Report{
		Devices: h.devices(), Flows: flows, Names: []Name{}, Findings: h.uiFindings(h.detector.Findings()),
		Stats: ReportStats{stats.Packets, stats.Bad, stats.Truncated},
	}
	for _, n := range inOrder(h.names.Append(nil)) {
		r.Names = append(r.Names, Name{macText(n.Device), n.Addr.String(), n.Name, string(n.Source), h.wire(n.At)})
	}
	return r
}

// inOrder sorts names by device, address and time: the same capture gives the same report.
func inOrder(list []names.Name) []names.Name {
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(bytes.Compare(a.Device[:], b.Device[:]), a.Addr.Compare(b.Addr), a.At.Compare(b.At)) < 0
	})
	return list
}

// reported are the stores that a report is made of. What others hold is in use for seconds: parts of messages, and
// questions that wait for their answers.
var reported = []string{"flows", "devices", "known devices", "names", "dhcp"}

// tellForgotten warns of each store that had no room for all of a capture.
func (h *home) tellForgotten() {
	for _, s := range slices.Concat(h.table.Stores(), h.stores(), h.registry.Stores()) {
		if s.Evicted > 0 && slices.Contains(reported, s.Name) {
			h.log.Warn("the capture is larger than this can hold: the report lacks some of it", "of", s.Name, "limit", s.Limit, "forgotten", s.Evicted)
		}
	}
}
