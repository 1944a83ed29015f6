package stream

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// picture is what a page knows: the reducer that the protocol asks of every client, in Go.
type picture struct {
	Seq     uint64
	Devices map[int]map[string]any
	Owners  map[int][2]any
	Pairs   map[pairKey][2]float64
	Events  []float64 // ids
}

type wire struct {
	T       string
	Seq     uint64
	Devices []map[string]any
	Owners  [][3]any
	Pairs   [][5]float64
	Events  []map[string]any
	R       [][3]float64
	P       [][4]float64
	Dev     []map[string]any
	Own     [][3]any
	Gone    struct {
		Dev, Own []int
		Pairs    []pairKey
	}
	Ev []map[string]any
}

func (p *picture) reduce(t *testing.T, frame []byte) {
	t.Helper()
	var w wire
	if err := json.Unmarshal(frame, &w); err != nil {
		t.Fatalf("frame %s: %v", frame, err)
	}
	switch w.T {
	case "snap":
		*p = picture{Devices: map[int]map[string]any{}, Owners: map[int][2]any{}, Pairs: map[pairKey][2]float64{}}
		p.merge(t, w.Devices)
		p.own(w.Owners)
		for _, row := range w.Pairs {
			p.Pairs[pairKey{number(row[0]), number(row[1])}] = [2]float64{row[2], row[3]}
		}
		p.log(w.Events)
	case "d":
		p.bury(w)
		p.merge(t, w.Dev)
		p.own(w.Own)
		p.rates(t, w)
		p.log(w.Ev)
	default:
		t.Fatalf("frame of kind %q", w.T)
	}
	p.Seq = w.Seq
}

func (p *picture) merge(t *testing.T, patches []map[string]any) {
	for _, patch := range patches {
		id := int(patch["id"].(float64))
		d := p.Devices[id]
		if d == nil {
			d = map[string]any{}
			p.Devices[id] = d
		}
		if _, hasRate := patch["rxRate"]; hasRate && len(d) > 0 {
			t.Fatalf("rates in a patch: %v", patch)
		}
		maps.Copy(d, patch)
	}
}

func (p *picture) own(rows [][3]any) {
	for _, row := range rows {
		p.Owners[int(row[0].(float64))] = [2]any{row[1], row[2]}
	}
}

func (p *picture) rates(t *testing.T, w wire) {
	for _, row := range w.R {
		d := p.Devices[int(row[0])]
		if d == nil {
			t.Fatalf("rates of device %v, which is not known", row[0])
		}
		d["txRate"], d["rxRate"] = row[1], row[2]
	}
	for _, row := range w.P {
		p.Pairs[pairKey{number(row[0]), number(row[1])}] = [2]float64{row[2], row[3]}
	}
}

func (p *picture) bury(w wire) {
	for _, id := range w.Gone.Dev {
		delete(p.Devices, id)
	}
	for _, id := range w.Gone.Own {
		delete(p.Owners, id)
	}
	for _, key := range w.Gone.Pairs {
		delete(p.Pairs, key)
	}
}

func (p *picture) log(events []map[string]any) {
	for _, e := range events {
		if id := e["id"].(float64); !slices.Contains(p.Events, id) {
			p.Events = append(p.Events, id)
		}
	}
	p.Events = p.Events[max(0, len(p.Events)-snapEvents):]
}
