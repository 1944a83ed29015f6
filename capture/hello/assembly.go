package hello

// maxHeld bounds what is held of one flow: the largest record there is. Hellos with post-quantum keys have 2 kB.
const maxHeld = 16 << 10

const minHeld = 2 << 10 // the least memory that is taken at once

// assembly puts the bytes of a message together, which come in pieces in any order, more than once, and
// overlapping. Of bytes that come twice the first count.
type assembly struct {
	data []byte
	got  []uint64 // one bit for each byte of data that is there
	low  int      // where the message begins
	end  int      // data[low:end] has no gaps
}

// size is the memory that the assembly has taken, in bytes.
func (a *assembly) size() int { return len(a.data) + 8*len(a.got) }

// message is what is there from the beginning up to the first gap.
func (a *assembly) message() []byte { return a.data[a.low:a.end] }

// put takes in what lies within the limit.
func (a *assembly) put(at int, b []byte) {
	if at < 0 || at >= maxHeld {
		return
	}
	b = b[:min(len(b), maxHeld-at)]
	a.grow(at + len(b))
	for i, c := range b {
		if !a.has(at + i) {
			a.data[at+i] = c
			a.got[(at+i)/64] |= 1 << ((at + i) % 64)
		}
	}
	if at < a.low && len(b) > 0 {
		a.lower(at)
	}
	a.advance(len(a.data))
}

// grow doubles the memory until n bytes fit.
func (a *assembly) grow(n int) {
	size := max(len(a.data), minHeld)
	for size < n {
		size *= 2
	}
	if size == len(a.data) {
		return
	}
	data, got := make([]byte, size), make([]uint64, size/64)
	copy(data, a.data)
	copy(got, a.got)
	a.data, a.got = data, got
}

func (a *assembly) has(i int) bool { return a.got[i/64]>>(i%64)&1 != 0 }

func (a *assembly) advance(limit int) {
	for a.end < limit && a.has(a.end) {
		a.end++
	}
}

// lower moves the beginning down. What was without gaps is not walked again.
func (a *assembly) lower(to int) {
	low, end := a.low, a.end
	a.low, a.end = to, to
	a.advance(low)
	if a.end == low {
		a.end = end
	}
}
