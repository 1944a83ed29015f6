package oui

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Entry says whose the addresses are that begin with a prefix.
type Entry struct {
	Prefix uint64 // its bits are the lowest ones
	Bits   int    // 24, 28 or 36
	Vendor string // without control characters
}

// Encode makes a table of entries in any order. It refuses what the format cannot hold, and prefixes that are
// given twice to different vendors; of equal ones it takes one.
func Encode(entries []Entry) ([]byte, error) {
	names, numbers := vendorNumbers(entries)
	if len(names) > 1<<16 {
		return nil, fmt.Errorf("encode vendor table: %d vendors, at most %d can be numbered", len(names), 1<<16)
	}
	head, body := []byte(magic), []byte(nil)
	for _, bits := range lengths {
		group, err := sorted(entries, bits)
		if err != nil {
			return nil, err
		}
		index, steps, vendors := encodeGroup(group, numbers)
		head = binary.BigEndian.AppendUint32(head, uint32(len(group)))
		head = binary.BigEndian.AppendUint32(head, uint32(len(steps)))
		body = slices.Concat(body, index, steps, vendors)
	}
	packed, err := encodeNames(names)
	if err != nil {
		return nil, err
	}
	head = binary.BigEndian.AppendUint32(head, uint32(len(names)))
	return slices.Concat(head, body, packed), nil
}

// vendorNumbers sorts the names without regard to case, so that those that are alike compress well.
func vendorNumbers(entries []Entry) (names []string, numbers map[string]int) {
	numbers = map[string]int{}
	for _, e := range entries {
		if _, ok := numbers[e.Vendor]; !ok {
			numbers[e.Vendor] = 0
			names = append(names, e.Vendor)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	for i, name := range names {
		numbers[name] = i
	}
	return names, numbers
}

// sorted gives the entries of one length in order.
func sorted(entries []Entry, bits int) ([]Entry, error) {
	var group []Entry
	for _, e := range entries {
		if !slices.Contains(lengths[:], e.Bits) || e.Prefix>>e.Bits != 0 || strings.Contains(e.Vendor, "\n") {
			return nil, fmt.Errorf("encode vendor table: %+v is no entry", e)
		}
		if e.Bits == bits {
			group = append(group, e)
		}
	}
	slices.SortStableFunc(group, func(a, b Entry) int { return cmp.Compare(a.Prefix, b.Prefix) })
	group = slices.Compact(group)
	for i := 1; i < len(group); i++ {
		if group[i].Prefix == group[i-1].Prefix {
			return nil, fmt.Errorf("encode vendor table: %x is both %q's and %q's",
				group[i].Prefix, group[i-1].Vendor, group[i].Vendor)
		}
	}
	return group, nil
}

func encodeGroup(group []Entry, numbers map[string]int) (index, steps, vendors []byte) {
	for i, e := range group {
		if i%blockSize == 0 {
			index = binary.BigEndian.AppendUint64(index, e.Prefix<<24|uint64(len(steps)))
		} else {
			steps = binary.AppendUvarint(steps, e.Prefix-group[i-1].Prefix)
		}
		vendors = binary.BigEndian.AppendUint16(vendors, uint16(numbers[e.Vendor]))
	}
	return index, steps, vendors
}

// encodeNames packs the names by blocks, with the places of the blocks before them.
func encodeNames(names []string) ([]byte, error) {
	var packed bytes.Buffer
	starts := binary.BigEndian.AppendUint32(nil, 0)
	for block := range slices.Chunk(names, nameBlock) {
		w, err := flate.NewWriter(&packed, flate.BestCompression)
		if err != nil {
			return nil, fmt.Errorf("pack vendor names: %w", err)
		}
		if _, err := w.Write([]byte(strings.Join(block, "\n") + "\n")); err != nil {
			return nil, fmt.Errorf("pack vendor names: %w", err)
		}
		if err := w.Close(); err != nil {
			return nil, fmt.Errorf("pack vendor names: %w", err)
		}
		starts = binary.BigEndian.AppendUint32(starts, uint32(packed.Len()))
	}
	return append(starts, packed.Bytes()...), nil
}
