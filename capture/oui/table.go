package oui

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"spinneret/capture/packet"
)

// The table's format. Prefixes of one length are sorted and stand in blocks: an index has each block's first prefix
// and the place of the differences that follow it, and beside them stand the numbers of the vendors. The vendors'
// names are sorted too, and compressed by blocks. All numbers are big-endian.
const (
	magic      = "oui1"
	headerSize = len(magic) + 3*8 + 4
	indexSize  = 8 // 5 bytes of prefix, 3 bytes of place
	blockSize  = 64
	nameBlock  = 2048
)

// lengths are those of prefixes, in bits: MA-L, MA-M, and MA-S with the older IAB.
var lengths = [3]int{24, 28, 36}

var errFormat = errors.New("decode vendor table: it is damaged")

// Table finds vendors in the bytes of an encoded table.
type Table struct {
	groups     [3]group
	vendors    int
	nameStarts []byte
	names      []byte
}

// group holds the prefixes of one length.
type group struct {
	entries int
	index   []byte
	steps   []byte
	vendors []byte
}

// Decode opens a table, which it keeps. It looks at the sizes of its parts only.
func Decode(b []byte) (*Table, error) {
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return nil, errFormat
	}
	t := &Table{vendors: int(binary.BigEndian.Uint32(b[headerSize-4:]))}
	r := sections{rest: b[headerSize:]}
	for i := range t.groups {
		head := b[len(magic)+8*i:]
		g := &t.groups[i]
		g.entries = int(binary.BigEndian.Uint32(head))
		g.index = r.take(blocks(g.entries, blockSize) * indexSize)
		g.steps = r.take(int(binary.BigEndian.Uint32(head[4:])))
		g.vendors = r.take(2 * g.entries)
	}
	t.nameStarts = r.take(4 * (blocks(t.vendors, nameBlock) + 1))
	t.names = r.rest
	if r.bad {
		return nil, errFormat
	}
	return t, nil
}

// sections cuts a file into its parts.
type sections struct {
	rest []byte
	bad  bool
}

func (s *sections) take(n int) []byte {
	if n < 0 || n > len(s.rest) {
		s.bad = true
		return nil
	}
	b := s.rest[:n]
	s.rest = s.rest[n:]
	return b
}

func blocks(n, size int) int { return (n + size - 1) / size }

// Vendor gives the company of the longest prefix that fits.
func (t *Table) Vendor(mac packet.MAC) (string, bool) {
	if !mac.IsUnicast() || mac.IsLocal() {
		return "", false
	}
	var whole [8]byte
	copy(whole[2:], mac[:])
	address := binary.BigEndian.Uint64(whole[:])
	for i := len(lengths) - 1; i >= 0; i-- {
		if number, ok := t.groups[i].find(address >> (48 - lengths[i])); ok {
			name, err := t.name(number)
			return name, err == nil
		}
	}
	return "", false
}

// find gives the number of the vendor of a prefix.
func (g *group) find(prefix uint64) (vendor int, ok bool) {
	block := sort.Search(blocks(g.entries, blockSize), func(i int) bool {
		first, _ := g.block(i)
		return first > prefix
	}) - 1
	if block < 0 {
		return 0, false
	}
	at, steps := g.block(block)
	for i := block * blockSize; i < min((block+1)*blockSize, g.entries); i++ {
		if at >= prefix {
			return int(binary.BigEndian.Uint16(g.vendors[2*i:])), at == prefix
		}
		step, n := binary.Uvarint(steps)
		at, steps = at+step, steps[max(n, 0):]
	}
	return 0, false
}

func (g *group) block(i int) (first uint64, steps []byte) {
	head := binary.BigEndian.Uint64(g.index[i*indexSize:])
	return head >> 24, g.steps[min(int(head&0xffffff), len(g.steps)):]
}

// name unpacks the block that a vendor's name stands in, as far as the name.
func (t *Table) name(vendor int) (string, error) {
	starts := t.nameStarts[4*(vendor/nameBlock):]
	if len(starts) < 8 {
		return "", errFormat
	}
	from, to := binary.BigEndian.Uint32(starts), binary.BigEndian.Uint32(starts[4:])
	if from > to || to > uint32(len(t.names)) {
		return "", errFormat
	}
	r := bufio.NewReaderSize(flate.NewReader(bytes.NewReader(t.names[from:to])), 512)
	for range vendor % nameBlock {
		if _, err := r.ReadSlice('\n'); err != nil {
			return "", fmt.Errorf("unpack vendor %d: %w", vendor, err)
		}
	}
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", fmt.Errorf("unpack vendor %d: %w", vendor, err)
	}
	return string(line[:len(line)-1]), nil
}
