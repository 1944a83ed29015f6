package registry

import (
	"slices"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/neigh"
)

const bridge = 3

var portNames = map[int32]string{4: "lan1", 5: "lan2", 6: "phy0-ap0"}

// at is an input in which the numbered devices are all heard, and known behind ports.
func at(now time.Time, ports map[int]int32) Input {
	in := Input{Ports: portNames}
	for n := 1; n <= 9; n++ {
		port, ok := ports[n]
		if !ok {
			continue
		}
		in.Devices = append(in.Devices, heard(n, now))
		if port != 0 {
			in.Stations = append(in.Stations, neigh.Station{MAC: mac(n), Port: port, Bridge: bridge})
		}
	}
	return in
}

func moved(seq uint64, n int, from, to int32) neigh.Move {
	return neigh.Move{Seq: seq, MAC: mac(n), From: from, To: to}
}

func TestADeviceIsBehindThePortWhereItWasSeenLast(t *testing.T) {
	r := New(10)
	steps := []struct {
		ports map[int]int32
		want  string
	}{
		{map[int]int32{1: 0}, ""},
		{map[int]int32{1: 4}, "lan1"},
		{map[int]int32{1: 5}, "lan2"},
		{map[int]int32{1: 0}, "lan2"}, // forgotten by the bridge, as one that is cut off is
		{map[int]int32{1: 77}, "lan2"},
	}
	for i, step := range steps {
		r.Observe(start, at(start, step.ports))
		if d := must(t, r, 1); d.Port != step.want || d.Contested {
			t.Errorf("step %d: port %q, contested %v; want %q", i, d.Port, d.Contested, step.want)
		}
	}
}

// others are those of the first nine devices that have something in common with one.
func others(n int, in func(mac, other packet.MAC) bool) (macs []packet.MAC) {
	for i := range 9 {
		if in(mac(n), mac(i+1)) {
			macs = append(macs, mac(i+1))
		}
	}
	return macs
}

func TestOnPortWithTellsTheOthersBehindThePort(t *testing.T) {
	r := New(10)
	r.Observe(start, at(start, map[int]int32{1: 4, 2: 6, 3: 6, 4: 6, 5: 0, 6: 0}))
	r.Observe(start, at(start, map[int]int32{1: 4, 3: 6, 4: 6, 5: 0})) // 2 is cut off
	for n, want := range map[int][]packet.MAC{1: nil, 2: {mac(3), mac(4)}, 3: {mac(2), mac(4)}, 5: nil, 9: nil} {
		if got := others(n, r.OnPortWith); !slices.Equal(got, want) {
			t.Errorf("with device %d: %v, want %v", n, got, want)
		}
	}
}

func TestContested(t *testing.T) {
	type step struct {
		after time.Duration // since start
		moves []neigh.Move
		want  bool
	}
	once := []neigh.Move{moved(1, 1, 4, 5)}
	tests := map[string][]step{
		"stays where it is":     {{0, nil, false}, {time.Minute, nil, false}},
		"another moved":         {{0, []neigh.Move{moved(1, 2, 4, 5)}, false}},
		"moved":                 {{0, once, true}, {9 * time.Minute, nil, true}, {10 * time.Minute, nil, false}},
		"told once again":       {{0, once, true}, {10 * time.Minute, once, false}},
		"moved again":           {{0, once, true}, {5 * time.Minute, []neigh.Move{once[0], moved(2, 1, 5, 4)}, true}, {14 * time.Minute, nil, true}, {15 * time.Minute, nil, false}},
		"counted anew":          {{0, []neigh.Move{moved(7, 1, 4, 5)}, true}, {time.Hour, once, true}},
		"the clock is set back": {{0, once, true}, {-time.Hour, nil, true}, {-51 * time.Minute, nil, true}, {-50 * time.Minute, nil, false}},
		"the oldest are gone":   {{0, []neigh.Move{moved(1, 2, 4, 5)}, false}, {0, []neigh.Move{moved(2, 1, 4, 5), moved(3, 2, 5, 4)}, true}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			r := New(10)
			r.Observe(start, at(start, map[int]int32{1: 4, 2: 6}))
			for i, s := range steps {
				in := Input{Moves: s.moves}
				r.Observe(start.Add(s.after), in)
				if d := must(t, r, 1); d.Contested != s.want {
					t.Errorf("step %d: contested %v, want %v", i, d.Contested, s.want)
				}
			}
		})
	}
}

func TestAMACOnTwoPortsAtOnceIsContested(t *testing.T) {
	r := New(10)
	in := at(start, map[int]int32{1: 4, 2: 6})
	in.Stations = slices.Insert(in.Stations, 1, neigh.Station{MAC: mac(1), Port: 5, Bridge: bridge}) // in another VLAN
	r.Observe(start, in)
	if !must(t, r, 1).Contested || must(t, r, 2).Contested {
		t.Errorf("contested: %v and %v, want the first alone", must(t, r, 1).Contested, must(t, r, 2).Contested)
	}
}
