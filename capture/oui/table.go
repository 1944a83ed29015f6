package oui

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// maxTable is more than the registries take, in bytes.
const maxTable = 4 << 20

// Table finds vendors in an encoded table, which it reads as it needs it.
type Table struct {
	file       io.ReaderAt
	groups     [3]group
	vendors    int
	nameStarts []byte
	names      span
}

// group holds the prefixes of one length.
type group struct {
	entries        int
	index          []byte
	steps, vendors span
}

// span is a part of the file.
type span struct{ at, size int64 }

// Open opens a table of size bytes. It looks at the sizes of its parts only.
func Open(r io.ReaderAt, size int64) (*Table, error) {
	head := make([]byte, headerSize)
	if size < int64(headerSize) || size > maxTable {
		return nil, errFormat
	}
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("read vendor table: %w", err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, errFormat
	}
	t := &Table{file: r, vendors: int(binary.BigEndian.Uint32(head[headerSize-4:]))}
	parts := sections{file: r, at: int64(headerSize), end: size}
	for i := range t.groups {
		sizes := head[len(magic)+8*i:]
		g := &t.groups[i]
		g.entries = int(binary.BigEndian.Uint32(sizes))
		g.index = parts.read(blocks(g.entries, blockSize) * indexSize)
		g.steps = parts.take(int(binary.BigEndian.Uint32(sizes[4:])))
		g.vendors = parts.take(2 * g.entries)
	}
	t.nameStarts = parts.read(4 * (blocks(t.vendors, nameBlock) + 1))
	t.names = span{parts.at, parts.end - parts.at}
	return t, parts.err
}

// sections cuts a file into its parts.
type sections struct {
	file    io.ReaderAt
	at, end int64
	err     error
}

func (s *sections) take(n int) span {
	if s.err == nil && (n < 0 || int64(n) > s.end-s.at) {
		s.err = errFormat
	}
	if s.err != nil {
		return span{}
	}
	part := span{s.at, int64(n)}
	s.at += int64(n)
	return part
}

func (s *sections) read(n int) []byte {
	part := s.take(n)
	b := make([]byte, part.size)
	if s.err == nil {
		_, s.err = s.file.ReadAt(b, part.at)
	}
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
		if number, ok := t.find(&t.groups[i], address>>(48-lengths[i])); ok {
			name, err := t.name(number)
			return name, err == nil
		}
	}
	return "", false
}

// find gives the number of the vendor of a prefix.
func (t *Table) find(g *group, prefix uint64) (vendor int, ok bool) {
	block := sort.Search(blocks(g.entries, blockSize), func(i int) bool {
		first, _ := g.block(i)
		return first > prefix
	}) - 1
	if block < 0 {
		return 0, false
	}
	at, from := g.block(block)
	to := g.steps.size
	if (block+1)*blockSize < g.entries {
		_, to = g.block(block + 1)
	}
	if from > to || to > g.steps.size || to-from > blockSize*binary.MaxVarintLen64 {
		return 0, false
	}
	steps, number := make([]byte, to-from), make([]byte, 2)
	if _, err := t.file.ReadAt(steps, g.steps.at+from); err != nil {
		return 0, false
	}
	for i := block * blockSize; i < min((block+1)*blockSize, g.entries); i++ {
		if at >= prefix {
			_, err := t.file.ReadAt(number, g.vendors.at+2*int64(i))
			return int(binary.BigEndian.Uint16(number)), at == prefix && err == nil
		}
		step, n := binary.Uvarint(steps)
		at, steps = at+step, steps[max(n, 0):]
	}
	return 0, false
}

// block gives the first prefix of a block and where its differences begin.
func (g *group) block(i int) (first uint64, steps int64) {
	head := binary.BigEndian.Uint64(g.index[i*indexSize:])
	return head >> 24, int64(head & 0xffffff)
}

// name unpacks the block that a vendor's name stands in, as far as the name.
func (t *Table) name(vendor int) (string, error) {
	starts := t.nameStarts[min(4*(vendor/nameBlock), len(t.nameStarts)):]
	if len(starts) < 8 {
		return "", errFormat
	}
	from, to := int64(binary.BigEndian.Uint32(starts)), int64(binary.BigEndian.Uint32(starts[4:]))
	if from > to || to > t.names.size {
		return "", errFormat
	}
	r := bufio.NewReaderSize(flate.NewReader(io.NewSectionReader(t.file, t.names.at+from, to-from)), 512)
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
