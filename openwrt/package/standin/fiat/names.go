package fiat

// What Go's own files for these curves ask of the arithmetic, by the names that they have for it.

type (
	p224MontgomeryDomainFieldElement    [4]uint64
	p224NonMontgomeryDomainFieldElement [4]uint64
	p224Uint1                           uint64
)

func p224Mul(out, x, y *p224MontgomeryDomainFieldElement) {
	p224Field.mul(out[:], load(x[:]), load(y[:]))
}

func p224Square(out, x *p224MontgomeryDomainFieldElement) { p224Mul(out, x, x) }

func p224Add(out, x, y *p224MontgomeryDomainFieldElement) { p224Field.add(out[:], x[:], y[:]) }

func p224Sub(out, x, y *p224MontgomeryDomainFieldElement) { p224Field.sub(out[:], x[:], y[:]) }

func p224SetOne(out *p224MontgomeryDomainFieldElement) { p224Field.one.store(out[:]) }

func p224FromMontgomery(out *p224NonMontgomeryDomainFieldElement, x *p224MontgomeryDomainFieldElement) {
	p224Field.mul(out[:], load(x[:]), digits{1})
}

func p224ToMontgomery(out *p224MontgomeryDomainFieldElement, x *p224NonMontgomeryDomainFieldElement) {
	p224Field.mul(out[:], load(x[:]), p224Field.square)
}

func p224Selectznz(out *[4]uint64, which p224Uint1, x, y *[4]uint64) {
	choose(out[:], x[:], y[:], uint64(which))
}

func p224ToBytes(out *[28]byte, x *[4]uint64) { toBytes(out[:], x[:]) }

func p224FromBytes(out *[4]uint64, b *[28]byte) { fromBytes(out[:], b[:]) }

type (
	p384MontgomeryDomainFieldElement    [6]uint64
	p384NonMontgomeryDomainFieldElement [6]uint64
	p384Uint1                           uint64
)

func p384Mul(out, x, y *p384MontgomeryDomainFieldElement) {
	p384Field.mul(out[:], load(x[:]), load(y[:]))
}

func p384Square(out, x *p384MontgomeryDomainFieldElement) { p384Mul(out, x, x) }

func p384Add(out, x, y *p384MontgomeryDomainFieldElement) { p384Field.add(out[:], x[:], y[:]) }

func p384Sub(out, x, y *p384MontgomeryDomainFieldElement) { p384Field.sub(out[:], x[:], y[:]) }

func p384SetOne(out *p384MontgomeryDomainFieldElement) { p384Field.one.store(out[:]) }

func p384FromMontgomery(out *p384NonMontgomeryDomainFieldElement, x *p384MontgomeryDomainFieldElement) {
	p384Field.mul(out[:], load(x[:]), digits{1})
}

func p384ToMontgomery(out *p384MontgomeryDomainFieldElement, x *p384NonMontgomeryDomainFieldElement) {
	p384Field.mul(out[:], load(x[:]), p384Field.square)
}

func p384Selectznz(out *[6]uint64, which p384Uint1, x, y *[6]uint64) {
	choose(out[:], x[:], y[:], uint64(which))
}

func p384ToBytes(out *[48]byte, x *[6]uint64) { toBytes(out[:], x[:]) }

func p384FromBytes(out *[6]uint64, b *[48]byte) { fromBytes(out[:], b[:]) }

type (
	p521MontgomeryDomainFieldElement    [9]uint64
	p521NonMontgomeryDomainFieldElement [9]uint64
	p521Uint1                           uint64
)

func p521Mul(out, x, y *p521MontgomeryDomainFieldElement) {
	p521Field.mul(out[:], load(x[:]), load(y[:]))
}

func p521Square(out, x *p521MontgomeryDomainFieldElement) { p521Mul(out, x, x) }

func p521Add(out, x, y *p521MontgomeryDomainFieldElement) { p521Field.add(out[:], x[:], y[:]) }

func p521Sub(out, x, y *p521MontgomeryDomainFieldElement) { p521Field.sub(out[:], x[:], y[:]) }

func p521SetOne(out *p521MontgomeryDomainFieldElement) { p521Field.one.store(out[:]) }

func p521FromMontgomery(out *p521NonMontgomeryDomainFieldElement, x *p521MontgomeryDomainFieldElement) {
	p521Field.mul(out[:], load(x[:]), digits{1})
}

func p521ToMontgomery(out *p521MontgomeryDomainFieldElement, x *p521NonMontgomeryDomainFieldElement) {
	p521Field.mul(out[:], load(x[:]), p521Field.square)
}

func p521Selectznz(out *[9]uint64, which p521Uint1, x, y *[9]uint64) {
	choose(out[:], x[:], y[:], uint64(which))
}

func p521ToBytes(out *[66]byte, x *[9]uint64) { toBytes(out[:], x[:]) }

func p521FromBytes(out *[9]uint64, b *[66]byte) { fromBytes(out[:], b[:]) }
