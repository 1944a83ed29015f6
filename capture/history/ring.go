package history

import "iter"

// chunk is so many records that they fill whole pages of memory.
const chunk = 1024

// ring is a queue of records. It takes memory chunk by chunk and keeps one that it has done with for the next.
type ring struct {
	chunks []*[chunk]record
	spare  *[chunk]record
	head   int // of the first chunk
	size   int
}

func (r *ring) len() int { return r.size }

func (r *ring) bytes() int { return len(r.chunks) * chunk * recordSize }

// push makes room for one more record and returns it.
func (r *ring) push() *record {
	at := r.head + r.size
	if at == len(r.chunks)*chunk {
		c := r.spare
		if c == nil {
			c = new([chunk]record)
		}
		r.chunks, r.spare = append(r.chunks, c), nil
	}
	r.size++
	return r.at(r.size - 1)
}

// pop takes out the oldest record; there must be one.
func (r *ring) pop() record {
	first := r.chunks[0][r.head]
	r.head++
	r.size--
	if r.head == chunk {
		r.spare, r.head = r.chunks[0], 0
		r.chunks = append(r.chunks[:0], r.chunks[1:]...)
	}
	return first
}

// at returns the i-th oldest record.
func (r *ring) at(i int) *record {
	i += r.head
	return &r.chunks[i/chunk][i%chunk]
}

// newestFirst gives all records; they may be changed.
func (r *ring) newestFirst() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for i := r.size - 1; i >= 0; i-- {
			if !yield(r.at(i)) {
				return
			}
		}
	}
}
