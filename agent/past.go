package agent

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// History implements ui.Backend. It runs on the goroutine of who asks: the loop has no part in it.
func (h *home) History(ctx context.Context, q ui.HistoryQuery) (iter.Seq2[ui.Flow, error], bool, error) {
	query, err := historyQuery(q)
	if err != nil {
		return nil, false, err
	}
	s, err := h.archive.take(ctx)
	if err != nil {
		return nil, false, err
	}
	found, more := s.Find(query)
	h.archive.put(s)
	return func(yield func(ui.Flow, error) bool) {
		for i := range found {
			if !yield(pastFlow(&found[i]), nil) {
				return
			}
		}
	}, more, nil
}

// Buckets implements ui.Backend.
func (h *home) Buckets(ctx context.Context, q ui.HistoryQuery) ([]ui.Bucket, error) {
	query, err := historyQuery(q)
	if err != nil {
		return nil, err
	}
	s, err := h.archive.take(ctx)
	if err != nil {
		return nil, err
	}
	found := s.Buckets(query, q.Step)
	h.archive.put(s)
	buckets := make([]ui.Bucket, len(found))
	for i, b := range found {
		buckets[i] = ui.Bucket{At: ui.At(b.At), RxBytes: b.RxBytes, TxBytes: b.TxBytes}
	}
	return buckets, nil
}

func historyQuery(q ui.HistoryQuery) (history.Query, error) {
	out := history.Query{From: q.From, To: q.To, Remote: q.Remote, Port: q.Port, Outside: q.Outside, Limit: q.Limit}
	var err error
	if q.Device != "" {
		if out.Device, err = packet.ParseMAC(q.Device); err != nil {
			return out, ui.UnknownDevice(q.Device)
		}
	}
	if q.Protocol != "" {
		out.Protocol, err = parseProtocol(q.Protocol)
	}
	return out, err
}

// parseProtocol reads what capture.Protocol writes.
func parseProtocol(text string) (capture.Protocol, error) {
	for _, p := range []capture.Protocol{packet.ProtoTCP, packet.ProtoUDP, packet.ProtoICMP, packet.ProtoICMPv6} {
		if text == p.String() {
			return p, nil
		}
	}
	hex, noIP := strings.CutPrefix(text, "0x")
	if noIP {
		n, err := strconv.ParseUint(hex, 16, 16)
		return capture.NoIP | capture.Protocol(n), err
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("parse protocol %q: %w", text, err)
	}
	return capture.Protocol(n), nil
}

// pastFlow writes a flow of the history as the contract has it. Times from a clock that was not set are null.
func pastFlow(f *history.Flow) ui.Flow {
	out := plainFlow(&f.Flow)
	out.Device, out.Peer = macText(f.Device), macText(f.Peer)
	nameFarEnd(&out, f.Name, f.NameSource, f.Owner, f.OwnerSource)
	if f.Sure {
		out.First, out.Last = ui.At(f.First), ui.At(f.Last)
	}
	return out
}
