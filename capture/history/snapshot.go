package history

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

const (
	// magic begins every snapshot.
	magic   = "spinneret history\n"
	version = 1
)

// castagnoli finds every burst of up to 32 wrong bits, and torn files but for one in four billion.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Save writes a snapshot, about 40 bytes a flow.
//
// It is the magic, a version byte, MACs, addresses, labels, flows and sums, each list after its length, and a
// CRC-32C of all that in four bytes, big-endian. Numbers are varints as in encoding/binary, and refer to the
// lists from 1 up; 0 is the zero value.
func (s *Store) Save(w io.Writer) error {
	e := encoder{w: bufio.NewWriter(w), sum: crc32.New(castagnoli)}
	e.bytes([]byte(magic))
	e.bytes([]byte{version})
	macs := values(&e, &s.macs, func(m mac) { e.bytes(m[:]) })
	addrs := values(&e, &s.addrs, e.addr)
	labels := values(&e, &s.labels, func(l label) { e.text(l.text); e.text(l.source) })
	e.number(uint64(s.flows.len()))
	for i := range s.flows.len() {
		e.record(s.flows.at(i), macs, addrs, labels)
	}
	e.number(uint64(len(s.sums.amounts)))
	for _, k := range s.sums.keys(func(*sumKey) bool { return true }) {
		e.sumOf(k, s.sums.amounts[k], macs, labels)
	}
	if e.err == nil {
		_, e.err = e.w.Write(e.sum.Sum(nil))
	}
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err != nil {
		return fmt.Errorf("save history: %w", e.err)
	}
	return nil
}

// encoder writes until the first error.
type encoder struct {
	w   *bufio.Writer
	sum hash.Hash32
	buf []byte
	err error
}

func (e *encoder) bytes(b []byte) {
	if e.err == nil {
		e.sum.Write(b)
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) number(n uint64) {
	e.buf = binary.AppendUvarint(e.buf[:0], n)
	e.bytes(e.buf)
}

func (e *encoder) numbers(list ...uint64) {
	for _, n := range list {
		e.number(n)
	}
}

func (e *encoder) text(s string) {
	e.number(uint64(len(s)))
	e.bytes([]byte(s))
}

func (e *encoder) addr(a addr) {
	e.bytes([]byte{a.family})
	if a.family == familyIPv4 {
		e.bytes(a.bytes[12:])
	} else {
		e.bytes(a.bytes[:])
	}
}

// values writes the values that are in use, and returns their new numbers by their old ones.
func values[T comparable](e *encoder, n *interner[T], write func(T)) (numbers []uint64) {
	e.number(uint64(n.used))
	numbers = make([]uint64, len(n.entries))
	next := uint64(0)
	for id := range n.entries {
		if n.entries[id].refs > 0 {
			next++
			numbers[id] = next
			write(n.entries[id].value)
		}
	}
	return numbers
}

func (e *encoder) record(r *record, macs, addrs, labels []uint64) {
	e.numbers(
		zigzag(r.first), uint64(r.lasted), r.rxBytes, r.txBytes, uint64(r.rxPackets), uint64(r.txPackets),
		addrs[r.near], addrs[r.far], addrs[r.outside], labels[r.name], labels[r.owner],
		macs[r.device], macs[r.peer], uint64(r.nearPort), uint64(r.farPort), uint64(r.outsidePort),
		uint64(r.flags&^pending), uint64(r.proto),
	)
}

func (e *encoder) sumOf(k sumKey, a amount, macs, labels []uint64) {
	width := uint64(0)
	if k.day {
		width = 1
	}
	e.numbers(zigzag(k.at), width, macs[k.device], uint64(k.flags&^pending), uint64(k.port), labels[k.owner], a.rx, a.tx, a.flows)
}

// zigzag makes small numbers of small negative ones.
func zigzag(n int64) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
