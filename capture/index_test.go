package capture

import (
	"math/rand/v2"
	"testing"
)

// TestTheIndexFindsWhatAMapWould, whatever comes and goes.
func TestTheIndexFindsWhatAMapWould(t *testing.T) {
	const room, steps = 300, 20_000
	r := rand.New(rand.NewPCG(1, 2))
	records, x, want := make([]record, room), newIndex(false), map[key]int32{}
	for i := range records {
		records[i].key.nearPort = uint16(i)
	}
	for range steps {
		i := int32(r.IntN(room))
		if _, in := want[records[i].key]; in {
			x.remove(records, i)
			delete(want, records[i].key)
		} else {
			x.add(records, i)
			want[records[i].key] = i
		}
		k := records[r.IntN(room)].key
		at, found := x.find(records, &k)
		if i, in := want[k]; found != in || in && at != i || x.used != len(want) {
			t.Fatalf("key %d: found %v at %d of %d, a map has %v at %d of %d", k.nearPort, found, at, x.used, in, i, len(want))
		}
	}
}
