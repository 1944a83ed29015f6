package agent

import (
	"context"
	"iter"
	"slices"
	"time"

	"spinneret/agent/registry"
	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// pageOfHistory is how many flows of the past are taken for an export at a time: in between the store is others'.
const pageOfHistory = 500

// Export implements ui.Backend.
func (h *home) Export(ctx context.Context, mac string) (out ui.Export, err error) {
	var m packet.MAC
	var live []capture.Flow
	d, err := h.onDevice(ctx, mac, false, func(found packet.MAC) error {
		h.observeDevices(h.now())
		m, live = found, h.newest(found, time.Time{})
		known, _ := h.registry.Get(m)
		out = h.exported(known)
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Device, out.Flows, out.History = d, h.shown(ctx, live), h.pastOf(ctx, m)
	if out.Sums, err = h.sumsOf(ctx, m); err != nil {
		return out, err
	}
	h.audited(m, "export", d.Name)
	return out, nil
}

// exported is what the loop has of a device beside its flows.
func (h *home) exported(d registry.Device) (out ui.Export) {
	for _, a := range h.registry.Addresses(d.MAC) {
		out.Addresses = append(out.Addresses, a.String())
	}
	out.Port = textOrNull(d.Port)
	if c, ok := h.dhcp.Get(d.MAC); ok {
		out.DHCP = &ui.DHCP{
			Fingerprint: textOrNull(c.Fingerprint), Hostname: textOrNull(c.Hostname), MUDURL: textOrNull(c.MUDURL), At: h.wire(c.Last),
		}
	}
	for _, n := range h.names.Of(d.MAC) {
		out.Names = append(out.Names, ui.KnownName{Address: n.Addr.String(), Name: n.Name, Source: string(n.Source), At: h.wire(n.At)})
	}
	for _, e := range h.events.Of(d.MAC) {
		out.Events = append(out.Events, h.uiEvent(e))
	}
	for _, f := range h.detector.Findings() {
		if f.Device == d.MAC {
			out.Findings = append(out.Findings, h.uiFinding(&f))
		}
	}
	for _, s := range h.book.Ended() {
		if s.MAC == d.MAC {
			out.Ended = append(out.Ended, h.pastQuarantine(s))
		}
	}
	for _, r := range h.requests.List {
		if slices.Contains(r.Devices, d.MAC) {
			out.Requests = append(out.Requests, h.uiRequest(r))
		}
	}
	return out
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pastOf are the finished flows of a device, taken page by page. ctx is of the question only, its reader may be slow.
func (h *home) pastOf(ctx context.Context, m packet.MAC) iter.Seq2[ui.Flow, error] {
	return func(yield func(ui.Flow, error) bool) {
		for from, more := uint64(0), true; more; {
			var flows []history.Flow
			err := h.withArchive(ctx, func(s *history.Store) { flows, from = s.Page(m, from, pageOfHistory) })
			if err != nil {
				yield(ui.Flow{}, err)
				return
			}
			for i := range flows {
				if !yield(pastFlow(&flows[i]), nil) {
					return
				}
			}
			more = from > 0
		}
	}
}

// sumsOf are the sums of what ended before the flows of the past.
func (h *home) sumsOf(ctx context.Context, m packet.MAC) (list []ui.Sum, err error) {
	var sums []history.Sum
	err = h.withArchive(ctx, func(s *history.Store) { sums = s.Sums(m, time.UnixMilli(0), h.now()) })
	for _, s := range sums {
		out := ui.Sum{
			Seconds: int(s.Width.Seconds()), Owner: textOrNull(s.Owner), Flows: s.Flows, RxBytes: s.RxBytes, TxBytes: s.TxBytes,
		}
		if s.Sure {
			out.At = ui.At(s.At)
		}
		if s.Port != 0 {
			out.Port = &s.Port
		}
		list = append(list, out)
	}
	return list, err
}

// withArchive lets fn have the past for a moment.
func (h *home) withArchive(ctx context.Context, fn func(*history.Store)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shownLimit)
	defer cancel()
	s, err := h.archive.take(ctx)
	if err != nil {
		return err
	}
	defer h.archive.put(s)
	fn(s)
	return nil
}
