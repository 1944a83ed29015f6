// Package uitest is a home without a network: a ui.Backend in memory for tests of what stands on the API.
package uitest

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"spinneret/ui"
)

// Home answers as the agent would. Set its fields before it is used.
type Home struct {
	Now     time.Time
	List    []ui.Device
	Traffic []ui.Flow
	Past    []ui.Flow // every question of the past answers all of it
	Sums    []ui.Bucket
	Log     []ui.Event
	Wishes  []ui.Request // of providers
	Found   []ui.Finding
	Capture []string    // what a recording writes
	Ended   func(error) // where set, a recording waits for its end then, and tells why it came
	Err     error       // every call answers it, where set

	mu        sync.Mutex
	orders    []ui.QuarantineOrder
	edits     []ui.DeviceEdit
	mudOrders []ui.MUDOrder
	asked     []ui.HistoryQuery

	recorded []ui.CaptureQuery
}

var _ ui.Backend = (*Home)(nil)

// Orders are the quarantine orders so far.
func (h *Home) Orders() []ui.QuarantineOrder {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.orders)
}

// Edits are the edits so far.
func (h *Home) Edits() []ui.DeviceEdit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.edits)
}

// Status counts the devices.
func (h *Home) Status(context.Context) (ui.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := ui.DeviceCounts{Known: len(h.List)}
	for _, d := range h.List {
		if d.Online {
			counts.Online++
		}
		if d.Quarantine != nil {
			counts.Quarantined++
		}
	}
	why := "no bridge nf_tables: install kmod-nft-bridge"
	return ui.Status{
		Version: "0.1.0", Now: ui.At(h.Now), ClockSet: true, Started: ui.At(h.Now), Level: 2,
		Levels: []ui.Level{{Level: 2, OK: true}, {Level: 3, Why: &why}},
		LAN:    []string{"br-lan"}, WAN: []string{"wan"}, Devices: counts,
		Stores: []ui.Store{{Name: "flows", Used: len(h.Traffic), Limit: 16384}},
		Losses: []ui.Loss{{Where: "nflog", Lost: 3}}, BlindSpots: []string{}, Says: []ui.Say{},
		Firewall: ui.Firewall{State: "applied", At: ui.At(h.Now)}, Providers: []ui.Provider{},
	}, h.Err
}

// Devices are all of List.
func (h *Home) Devices(context.Context) ([]ui.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.List), h.Err
}

// Device is one of List.
func (h *Home) Device(_ context.Context, mac string) (ui.Device, error) {
	return h.change(mac, func(*ui.Device) {})
}

// EditDevice changes a device's name.
func (h *Home) EditDevice(_ context.Context, mac string, edit ui.DeviceEdit) (ui.Device, error) {
	return h.change(mac, func(d *ui.Device) {
		h.edits = append(h.edits, edit)
		if edit.Controls != nil {
			d.Controls = append([]string{}, *edit.Controls...)
		}
		if edit.Name != nil {
			d.Name, d.NameSource = *edit.Name, "owner"
		}
	})
}

// Quarantine puts the order on the device; the router's own MAC, 02:00:00:00:00:ff, is refused.
func (h *Home) Quarantine(_ context.Context, mac string, order ui.QuarantineOrder) (ui.Device, error) {
	if mac == "02:00:00:00:00:ff" {
		return ui.Device{}, &ui.Problem{
			Status: http.StatusConflict, Code: "router", Title: "That is the router",
			Detail: "the router cannot be cut off from itself",
		}
	}
	return h.change(mac, func(d *ui.Device) {
		h.orders = append(h.orders, order)
		q := ui.Quarantine{
			ID: "q" + strconv.Itoa(len(h.orders)), Level: order.Level, Source: "owner",
			Why: order.Why, Since: ui.At(h.Now), To: append([]string{}, order.To...), InForce: true,
		}
		if order.For != 0 {
			order.Until = h.Now.Add(order.For)
		}
		if !order.Until.IsZero() {
			q.Until = ui.At(order.Until)
		}
		d.Quarantine, d.Quarantines = &q, []ui.Quarantine{q}
	})
}

// Release ends the device's quarantines of one source, or all.
func (h *Home) Release(_ context.Context, mac, source string) (ui.Device, error) {
	return h.change(mac, func(d *ui.Device) {
		if d.Quarantine != nil && (source == "" || source == d.Quarantine.Source) {
			d.Quarantine, d.Quarantines = nil, []ui.Quarantine{}
		}
	})
}

// Flows are those of Traffic that the query selects.
func (h *Home) Flows(_ context.Context, query ui.FlowQuery) (iter.Seq2[ui.Flow, error], bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var flows []ui.Flow
	for _, f := range h.Traffic {
		if query.Device != "" && (f.Device == nil || *f.Device != query.Device) || f.Last.Before(query.Since) {
			continue
		}
		if len(flows) == query.Limit {
			return each(flows), true, h.Err
		}
		flows = append(flows, f)
	}
	return each(flows), false, h.Err
}

func each(flows []ui.Flow) iter.Seq2[ui.Flow, error] {
	return func(yield func(ui.Flow, error) bool) {
		for _, f := range flows {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// History is all of Past, up to the limit.
func (h *Home) History(_ context.Context, query ui.HistoryQuery) (iter.Seq2[ui.Flow, error], bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, query)
	n := min(query.Limit, len(h.Past))
	return each(slices.Clone(h.Past[:n])), n < len(h.Past), h.Err
}

// Buckets are Sums.
func (h *Home) Buckets(_ context.Context, query ui.HistoryQuery) ([]ui.Bucket, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, query)
	return slices.Clone(h.Sums), h.Err
}

// Asked are the questions of the past so far.
func (h *Home) Asked() []ui.HistoryQuery {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}

// Events are those of Log behind since.
func (h *Home) Events(_ context.Context, since int64, limit int) ([]ui.Event, int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var events []ui.Event
	last := since
	for _, e := range h.Log {
		if e.ID > since && len(events) < limit {
			events = append(events, e)
			last = e.ID
		}
	}
	return events, last, h.Err
}

func (h *Home) change(mac string, do func(*ui.Device)) (ui.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.List {
		if h.List[i].MAC == mac {
			do(&h.List[i])
			return h.List[i], h.Err
		}
	}
	return ui.Device{}, ui.UnknownDevice(mac)
}
