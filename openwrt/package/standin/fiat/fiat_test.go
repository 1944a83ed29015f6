package fiat

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// curve is the arithmetic of one, as Go's own files call it: of numbers of its size, in and out of Montgomery's form.
type curve struct {
	p             *big.Int
	mul, add, sub func(x, y *big.Int) *big.Int
	square, half  func(x *big.Int) *big.Int // half is the first of two that are chosen from
	one           func() *big.Int
}

func prime(last int64, terms ...int) *big.Int {
	p := big.NewInt(last)
	for _, t := range terms {
		term := new(big.Int).Lsh(big.NewInt(1), uint(max(t, -t)))
		if t < 0 {
			term.Neg(term)
		}
		p.Add(p, term)
	}
	return p
}

func little(x *big.Int, b []byte) {
	x.FillBytes(b)
	for i := range len(b) / 2 {
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	}
}

func number(b []byte) *big.Int {
	for i := range len(b) / 2 {
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	}
	return new(big.Int).SetBytes(b)
}

// elements is how Go's own files do arithmetic with an E.
type elements[E any] struct {
	in            func(*big.Int) E
	out           func(E) *big.Int
	mul, add, sub func(o, x, y *E)
	square        func(o, x *E)
	choose        func(o *E, second uint64, x, y *E)
	one           func(*E)
}

func (f elements[E]) curve(p *big.Int) curve {
	two := func(do func(o, x, y *E)) func(x, y *big.Int) *big.Int {
		return func(x, y *big.Int) *big.Int {
			a, b := f.in(x), f.in(y)
			do(&a, &a, &b) // in place, as they do
			return f.out(a)
		}
	}
	return curve{
		p: p, mul: two(f.mul), add: two(f.add), sub: two(f.sub),
		square: func(x *big.Int) *big.Int { a := f.in(x); f.square(&a, &a); return f.out(a) },
		half: func(x *big.Int) *big.Int {
			var e, zero E
			a := f.in(x)
			f.choose(&e, 1, &zero, &a)
			f.choose(&a, 0, &e, &zero)
			return f.out(a)
		},
		one: func() *big.Int { var e E; f.one(&e); return f.out(e) },
	}
}

func curve224() curve {
	type element = p224MontgomeryDomainFieldElement
	in := func(x *big.Int) (e element) {
		var b [28]byte
		little(x, b[:])
		var plain p224NonMontgomeryDomainFieldElement
		p224FromBytes((*[4]uint64)(&plain), &b)
		p224ToMontgomery(&e, &plain)
		return e
	}
	out := func(e element) *big.Int {
		var b [28]byte
		var plain p224NonMontgomeryDomainFieldElement
		p224FromMontgomery(&plain, &e)
		p224ToBytes(&b, (*[4]uint64)(&plain))
		return number(b[:])
	}
	choose := func(o *element, second uint64, x, y *element) {
		p224Selectznz((*[4]uint64)(o), p224Uint1(second), (*[4]uint64)(x), (*[4]uint64)(y))
	}
	return elements[element]{in, out, p224Mul, p224Add, p224Sub, p224Square, choose, p224SetOne}.curve(prime(1, 224, -96))
}

func curve384() curve {
	type element = p384MontgomeryDomainFieldElement
	in := func(x *big.Int) (e element) {
		var b [48]byte
		little(x, b[:])
		var plain p384NonMontgomeryDomainFieldElement
		p384FromBytes((*[6]uint64)(&plain), &b)
		p384ToMontgomery(&e, &plain)
		return e
	}
	out := func(e element) *big.Int {
		var b [48]byte
		var plain p384NonMontgomeryDomainFieldElement
		p384FromMontgomery(&plain, &e)
		p384ToBytes(&b, (*[6]uint64)(&plain))
		return number(b[:])
	}
	choose := func(o *element, second uint64, x, y *element) {
		p384Selectznz((*[6]uint64)(o), p384Uint1(second), (*[6]uint64)(x), (*[6]uint64)(y))
	}
	return elements[element]{in, out, p384Mul, p384Add, p384Sub, p384Square, choose, p384SetOne}.curve(prime(-1, 384, -128, -96, 32))
}

func curve521() curve {
	type element = p521MontgomeryDomainFieldElement
	in := func(x *big.Int) (e element) {
		var b [66]byte
		little(x, b[:])
		var plain p521NonMontgomeryDomainFieldElement
		p521FromBytes((*[9]uint64)(&plain), &b)
		p521ToMontgomery(&e, &plain)
		return e
	}
	out := func(e element) *big.Int {
		var b [66]byte
		var plain p521NonMontgomeryDomainFieldElement
		p521FromMontgomery(&plain, &e)
		p521ToBytes(&b, (*[9]uint64)(&plain))
		return number(b[:])
	}
	choose := func(o *element, second uint64, x, y *element) {
		p521Selectznz((*[9]uint64)(o), p521Uint1(second), (*[9]uint64)(x), (*[9]uint64)(y))
	}
	return elements[element]{in, out, p521Mul, p521Add, p521Sub, p521Square, choose, p521SetOne}.curve(prime(-1, 521))
}

// TestArithmeticIsThatOfLargeNumbers, also at the edges: nothing, one, next to the prime, all ones in a digit.
func TestArithmeticIsThatOfLargeNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]curve{"P-224": curve224(), "P-384": curve384(), "P-521": curve521()} {
		if c.one().Cmp(big.NewInt(1)) != 0 {
			t.Errorf("%s: one is %x", name, c.one())
		}
		pick := func() *big.Int {
			x := new(big.Int)
			for range 17 {
				word := uint64(random.Uint32())
				if edge := random.IntN(8); edge < 4 {
					word = []uint64{0, 1, 1<<32 - 1, 1<<32 - 2}[edge]
				}
				x.Or(x.Lsh(x, 32), new(big.Int).SetUint64(word))
			}
			switch x.Mod(x, c.p); random.IntN(8) {
			case 0:
				x.SetInt64(random.Int64N(3))
			case 1:
				x.Sub(c.p, big.NewInt(1+random.Int64N(3)))
			}
			return x
		}
		for range 1500 {
			x, y := pick(), pick()
			want := func(what string, got, exact *big.Int) {
				if got.Cmp(exact.Mod(exact, c.p)) != 0 {
					t.Fatalf("%s: %x %s %x is %x, want %x", name, x, what, y, got, exact)
				}
			}
			want("times", c.mul(x, y), new(big.Int).Mul(x, y))
			want("and", c.add(x, y), new(big.Int).Add(x, y))
			want("less", c.sub(x, y), new(big.Int).Sub(x, y))
			want("squared, not", c.square(x), new(big.Int).Mul(x, x))
			want("chosen, not", c.half(x), new(big.Int).Set(x))
		}
	}
}
