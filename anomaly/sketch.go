package anomaly

import (
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
)

// sketch counts different things in 32 bytes: one bit for each hash (linear counting; Whang and others, 1990). Up to
// some 300 it is right to 5 %, and beyond 1,400 it is full.
type sketch [4]uint64

const (
	sketchBits = 256
	// sketchSure, different things: beyond, 250 of the bits are set and each more says little.
	sketchSure = 1000
)

// add reports whether it is certainly new.
func (s *sketch) add(hash uint64) (fresh bool) {
	word, bit := &s[hash>>6&3], uint64(1)<<(hash&63)
	fresh = *word&bit == 0
	*word |= bit
	return fresh
}

// count estimates how many different things were added.
func (s *sketch) count() int {
	set := s.set()
	if set == sketchBits {
		set-- // full: as many as can be told
	}
	return int(math.Round(sketchBits * math.Log(sketchBits/float64(sketchBits-set))))
}

// set is how many bits are: it grows with count and costs less.
func (s *sketch) set() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// hash mixes two words so that each bit of the answer depends on all of theirs (MurmurHash3's finalizer).
func (d *Detector) hash(a, b uint64) uint64 {
	h := a ^ d.config.Seed
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h ^= b
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	h = (h ^ h>>29) * 0xff51afd7ed558ccd
	return h ^ h>>32
}

func (d *Detector) hashAddr(a netip.Addr) uint64 {
	b := a.As16()
	return d.hash(binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]))
}

// hashBytes mixes any number of bytes (FNV-1a, begun with the seed and finished by hash).
func (d *Detector) hashBytes(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return d.hash(h, uint64(len(b)))
}

// hashText is the same in every run, because it is written down: of the parties that a device knows.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return max(h, 1)
}
