package stream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"spinneret/ui"
)

// snapEvents is how many of the latest events a snapshot has; GET events has them all.
const snapEvents = 100

// The frames from server to client. "t" stands first; times are Unix seconds.
type (
	helloFrame struct {
		T     string `json:"t"`
		V     int    `json:"v"`
		Epoch string `json:"epoch"`
		Seq   uint64 `json:"seq"`
		Now   int64  `json:"now"`
		Hz    int    `json:"hz"`
		Me    *int   `json:"me"`
	}
	snapFrame struct {
		T       string     `json:"t"`
		Seq     uint64     `json:"seq"`
		Now     int64      `json:"now"`
		Devices []Device   `json:"devices"`
		Owners  [][3]any   `json:"owners"` // id, name, source
		Pairs   [][5]int64 `json:"pairs"`  // device, owner, txRate, rxRate, seconds since its last packet
		Events  []ui.Event `json:"events"`
	}
	deltaFrame struct {
		T    string            `json:"t"`
		Seq  uint64            `json:"seq"`
		Now  int64             `json:"now"`
		R    [][3]int64        `json:"r"` // device, txRate, rxRate
		P    [][4]int64        `json:"p"` // device, owner, txRate, rxRate
		Dev  []json.RawMessage `json:"dev"`
		Own  [][3]any          `json:"own"`
		Gone goneFrame         `json:"gone"`
		Ev   []ui.Event        `json:"ev"`
	}
	goneFrame struct {
		Dev   []int     `json:"dev"`
		Own   []int     `json:"own"`
		Pairs []pairKey `json:"pairs"` // whose last packet is an hour old
	}
	byeFrame struct {
		T   string `json:"t"`
		Why string `json:"why"`
	}
)

// snap is all that a client needs to start, as JSON.
func (s *state) snap(now time.Time) ([]byte, error) {
	f := snapFrame{
		T: "snap", Seq: s.seq, Now: now.Unix(), Devices: []Device{}, Owners: s.ownerRows(0), Pairs: [][5]int64{},
		Events: s.eventsSince(0),
	}
	f.Events = f.Events[max(0, len(f.Events)-snapEvents):]
	for _, id := range s.devices.since(0, cmp.Compare) {
		f.Devices = append(f.Devices, Device{id, s.devices.items[id].value.Device})
	}
	for _, key := range s.pairs.since(0, comparePairs) {
		p := s.pairs.items[key].value
		f.Pairs = append(f.Pairs, [5]int64{int64(p.Device), int64(p.Owner), p.TxRate, p.RxRate, secondsSince(now, p.Last)})
	}
	return marshal(f)
}

// delta is what changed after seq, as JSON.
func (s *state) delta(seq uint64, now time.Time) ([]byte, error) {
	f := deltaFrame{
		T: "d", Seq: s.seq, Now: now.Unix(), R: [][3]int64{}, P: [][4]int64{}, Dev: []json.RawMessage{},
		Own: s.ownerRows(seq), Gone: goneFrame{s.devices.gone(seq), s.owners.gone(seq), s.pairs.gone(seq)},
		Ev: s.eventsSince(seq),
	}
	for _, id := range s.devices.since(seq, cmp.Compare) {
		d := &s.devices.items[id].value
		if d.rates > seq {
			f.R = append(f.R, [3]int64{int64(id), d.TxRate, d.RxRate})
		}
		patch, ok, err := d.patch(id, seq)
		if err != nil {
			return nil, fmt.Errorf("write device %d: %w", id, err)
		}
		if ok {
			f.Dev = append(f.Dev, patch)
		}
	}
	for _, key := range s.pairs.since(seq, comparePairs) {
		p := s.pairs.items[key].value
		f.P = append(f.P, [4]int64{int64(p.Device), int64(p.Owner), p.TxRate, p.RxRate})
	}
	return marshal(f)
}

func (s *state) ownerRows(seq uint64) [][3]any {
	rows := [][3]any{}
	for _, id := range s.owners.since(seq, cmp.Compare) {
		o := s.owners.items[id].value
		rows = append(rows, [3]any{o.ID, o.Name, o.Source})
	}
	return rows
}

func secondsSince(now, then time.Time) int64 { return max(0, int64(now.Sub(then)/time.Second)) }

func marshal(frame any) ([]byte, error) {
	data, err := json.Marshal(frame)
	if err != nil {
		return nil, fmt.Errorf("write frame: %w", err)
	}
	return data, nil
}
