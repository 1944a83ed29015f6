package history

import (
	"math/rand/v2"
	"testing"
)

func TestInternerAgreesWithAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	n, refs, ids := newInterner(func(int) int { return 1 }), map[int]int{}, map[int]uint32{}
	for range 50_000 {
		v := 1 + r.IntN(500)
		if r.IntN(2) == 0 && refs[v] > 0 {
			n.unref(ids[v])
			if refs[v]--; refs[v] == 0 {
				delete(refs, v)
			}
			continue
		}
		ids[v] = n.ref(v)
		refs[v]++
		if id, ok := n.find(v); !ok || id != ids[v] || n.value(id) != v {
			t.Fatalf("%d has number %d (%v), want %d", v, id, ok, ids[v])
		}
	}
	for v := range 502 {
		if _, ok := n.find(v); ok != (refs[v] > 0 || v == 0) {
			t.Errorf("%d is there: %v", v, ok)
		}
	}
	if n.used != len(refs) || n.bytes != len(refs) || len(n.entries) > 502 {
		t.Errorf("%d in use, %d bytes, %d entries; want %d", n.used, n.bytes, len(n.entries), len(refs))
	}
}
