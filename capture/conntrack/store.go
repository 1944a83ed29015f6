package conntrack

// record is what is kept of a connection. The key stands for its tuple and ID: 64 bits that a sender cannot
// foresee, where the flat tuple would take 56 bytes.
type record struct {
	key         uint64 // zero: not there
	orig, reply Counters
	dump        uint32 // the last that held it
	reused      bool   // another connection has the key now, and the end of this one is still to be heard
}

// store holds records by key. They lie in one slice in the order of their coming, which is the order of the
// kernel's dump as well: so most of a dump walks memory forwards. As values of a map they cost twice the time.
type store struct {
	index   map[uint64]int32
	records []record
	free    []int32
}

func newStore() store { return store{index: map[uint64]int32{}} }

func (s *store) used() int { return len(s.index) }

// get returns the record with a key; it is valid until the next add.
func (s *store) get(key uint64) (*record, bool) {
	i, ok := s.index[key]
	if !ok {
		return nil, false
	}
	return &s.records[i], true
}

// add makes an empty record for a key that has none.
func (s *store) add(key uint64) *record {
	i := int32(len(s.records))
	if n := len(s.free); n > 0 {
		i, s.free = s.free[n-1], s.free[:n-1]
	} else {
		s.records = append(s.records, record{})
	}
	s.index[key] = i
	return &s.records[i]
}

// take removes the record with a key and returns it; its key is zero if there was none.
func (s *store) take(key uint64) (record, bool) {
	i, ok := s.index[key]
	if !ok {
		return record{}, false
	}
	r := s.records[i]
	s.drop(i)
	return r, true
}

func (s *store) drop(i int32) {
	delete(s.index, s.records[i].key)
	s.records[i] = record{}
	s.free = append(s.free, i)
}

// sweep removes the records that are gone and returns how many those were.
func (s *store) sweep(gone func(*record) bool) (n uint64) {
	for i := range s.records {
		if r := &s.records[i]; r.key != 0 && gone(r) {
			s.drop(int32(i))
			n++
		}
	}
	return n
}
