package names

// recent remembers the last entries put into it, up to a limit; the oldest makes room.
type recent[K comparable, V any] struct {
	entries   map[K]V
	order     []K // a ring once it is full
	next      int
	limit     int
	displaced uint64
}

func newRecent[K comparable, V any](limit int) recent[K, V] {
	return recent[K, V]{entries: map[K]V{}, limit: limit}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.entries[k]
	return v, ok
}

// put remembers v under k. What is under k already keeps its place in the order.
func (r *recent[K, V]) put(k K, v V) {
	if _, ok := r.entries[k]; ok {
		r.entries[k] = v
		return
	}
	r.entries[k] = v
	if len(r.order) < r.limit {
		r.order = append(r.order, k)
		return
	}
	if _, ok := r.entries[r.order[r.next]]; ok {
		delete(r.entries, r.order[r.next])
		r.displaced++
	}
	r.order[r.next] = k
	r.next = (r.next + 1) % r.limit
}
