// Package fiat stands in for the unrolled arithmetic of Go's crypto/internal/fips140/nistec/fiat, for the curves P-224,
// P-384 and P-521 (FIPS 186-5): 300 kB of the binary on a 32-bit router, which these loops do in 10 kB. They multiply 32
// bits at a time, as such a processor does: P-521 takes a quarter of the time there, P-384 what it took. P-256, which
// nearly everybody uses, stays as Go has it. Nothing branches on, or looks up by, what is secret.
package fiat

// maxDigits are those of P-521, of 32 bits each. There is an even number: Go keeps an element as uint64s.
const maxDigits = 18

type digits [maxDigits]uint32

// field is the integers modulo a prime, kept times 2^(32 n) (Montgomery's form). Digits are in order of weight.
type field struct {
	n      int    // digits
	k      uint32 // -1/p modulo 2^32
	p      digits
	one    digits // 2^(32 n) modulo p
	square digits // of that
}

// p224Field has the prime 2^224 - 2^96 + 1.
var p224Field = field{
	n: 8, k: 0xffffffff,
	p:      digits{1, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
	one:    digits{0, 0xffffffff, 0xffffffff, 0xffffffff},
	square: digits{1, 0xffffffff, 0, 0xffffffff, 0, 0xfffffffe, 0xffffffff},
}

// p384Field has the prime 2^384 - 2^128 - 2^96 + 2^32 - 1.
var p384Field = field{
	n: 12, k: 0x1,
	p:      digits{0xffffffff, 0, 0, 0xffffffff, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
	one:    digits{1, 0xffffffff, 0xffffffff, 0, 1},
	square: digits{1, 0xfffffffe, 0, 2, 0, 0xfffffffe, 0, 2, 1},
}

// p521Field has the prime 2^521 - 1.
var p521Field = field{
	n: 18, k: 0x1,
	p:      digits{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1ff},
	one:    digits{0, 0x800000},
	square: digits{0, 0, 0, 0x4000},
}

func load(x []uint64) (d digits) {
	for i, w := range x {
		d[2*i], d[2*i+1] = uint32(w), uint32(w>>32)
	}
	return d
}

func (d *digits) store(x []uint64) {
	for i := range x {
		x[i] = uint64(d[2*i]) | uint64(d[2*i+1])<<32
	}
}

// reduce takes p from a number of n digits and a carry, which is less than twice p, unless it is less than p.
func (f *field) reduce(d *digits, carry uint32) {
	less, borrow := *d, uint64(0)
	for i := range f.n {
		diff := uint64(d[i]) - uint64(f.p[i]) - borrow
		less[i], borrow = uint32(diff), diff>>63
	}
	keep := -(uint32(borrow) &^ carry) // all ones where there was nothing to take
	for i := range f.n {
		d[i] = d[i]&keep | less[i]&^keep
	}
}

// mul is a times b, over 2^(32 n), modulo p: digit by digit of b, with as much of p as makes the lowest digit zero.
func (f *field) mul(out []uint64, a, b digits) {
	var d digits
	var top uint32
	for i := range f.n {
		c := uint64(0)
		for j := range f.n {
			c += uint64(a[j])*uint64(b[i]) + uint64(d[j])
			d[j] = uint32(c)
			c >>= 32
		}
		c += uint64(top)
		high := [2]uint32{uint32(c), uint32(c >> 32)}
		m := d[0] * f.k
		c = (uint64(m)*uint64(f.p[0]) + uint64(d[0])) >> 32
		for j := 1; j < f.n; j++ {
			c += uint64(m)*uint64(f.p[j]) + uint64(d[j])
			d[j-1] = uint32(c)
			c >>= 32
		}
		c += uint64(high[0])
		d[f.n-1], top = uint32(c), high[1]+uint32(c>>32)
	}
	f.reduce(&d, top)
	d.store(out)
}

func (f *field) add(out, x, y []uint64) {
	a, b, c := load(x), load(y), uint64(0)
	for i := range f.n {
		c += uint64(a[i]) + uint64(b[i])
		a[i] = uint32(c)
		c >>= 32
	}
	f.reduce(&a, uint32(c))
	a.store(out)
}

func (f *field) sub(out, x, y []uint64) {
	a, b, borrow := load(x), load(y), uint64(0)
	for i := range f.n {
		diff := uint64(a[i]) - uint64(b[i]) - borrow
		a[i], borrow = uint32(diff), diff>>63
	}
	negative, c := -uint32(borrow), uint64(0)
	for i := range f.n {
		c += uint64(a[i]) + uint64(f.p[i]&negative)
		a[i] = uint32(c)
		c >>= 32
	}
	a.store(out)
}

// choose is y where which is 1, x where it is 0.
func choose(out, x, y []uint64, which uint64) {
	for i := range out {
		out[i] = x[i] ^ -which&(x[i]^y[i])
	}
}

func toBytes(out []byte, x []uint64) {
	for i := range out {
		out[i] = byte(x[i/8] >> (i % 8 * 8))
	}
}

func fromBytes(out []uint64, b []byte) {
	clear(out)
	for i, v := range b {
		out[i/8] |= uint64(v) << (i % 8 * 8)
	}
}
