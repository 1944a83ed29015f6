// Package lmo writes translations as LuCI reads them on a router: what po2lmo makes of a catalogue of gettext's.
package lmo

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Compile turns a catalogue (.po) into an archive (.lmo): the translations, each filled up to four bytes, then for each
// the text's hash, a 1, and the translation's place and length, ordered by hash, and at the end where that begins. What
// is not translated, or stays the same, is left out.
func Compile(catalogue string) ([]byte, error) {
	messages, err := Parse(catalogue)
	if err != nil {
		return nil, err
	}
	type entry struct{ hash, offset, length uint32 }
	var out []byte
	var entries []entry
	for _, m := range messages {
		if m.Text == "" || m.Translation == "" || Hash(m.Text) == Hash(m.Translation) {
			continue
		}
		entries = append(entries, entry{Hash(m.Text), uint32(len(out)), uint32(len(m.Translation))})
		out = append(out, m.Translation...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.hash, b.hash) })
	index := uint32(len(out))
	for _, e := range entries {
		for _, word := range []uint32{e.hash, 1, e.offset, e.length} {
			out = binary.BigEndian.AppendUint32(out, word)
		}
	}
	return binary.BigEndian.AppendUint32(out, index), nil
}

// Hash is the number by which LuCI finds a text: Paul Hsieh's SuperFastHash, which begins with the text's length.
func Hash(text string) uint32 {
	h := uint32(len(text))
	for ; len(text) >= 4; text = text[4:] {
		h += low(text)
		h = h<<16 ^ low(text[2:])<<11 ^ h
		h += h >> 11
	}
	switch len(text) {
	case 3:
		h += low(text)
		h ^= h << 16
		h ^= signed(text[2]) << 18
		h += h >> 11
	case 2:
		h += low(text)
		h ^= h << 11
		h += h >> 17
	case 1:
		h += signed(text[0])
		h ^= h << 10
		h += h >> 1
	}
	h ^= h << 3
	h += h >> 5
	h ^= h << 4
	h += h >> 17
	h ^= h << 25
	return h + h>>6
}

func low(text string) uint32 { return uint32(text[0]) | uint32(text[1])<<8 }

func signed(b byte) uint32 { return uint32(int32(int8(b))) }
