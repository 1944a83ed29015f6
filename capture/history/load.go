package history

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"net/netip"
)

// Why a file cannot be loaded.
var (
	ErrForeign = errors.New("this is no history: some other file")
	ErrVersion = errors.New("this history is of another version of the program")
	ErrTorn    = errors.New("this history is torn: it was not written to its end, or changed since")
)

// Load reads what Save wrote into a Store with a budget; what is too much for that goes into sums. Unless the
// whole file is sound there is an error, and no Store: one of those above, or that of the reader. Flows whose
// times were not sure stay so, as nobody can know any more how far the clock was off.
func Load(r io.Reader, budget int) (*Store, error) {
	s := New(budget)
	d := decoder{r: bufio.NewReader(r), sum: crc32.New(castagnoli), sources: map[string]string{}}
	if err := s.decode(&d); err != nil {
		return nil, fmt.Errorf("load history: %w", err)
	}
	return s, nil
}

func (s *Store) decode(d *decoder) error {
	if string(d.bytes(len(magic))) != magic {
		return cmp.Or(d.err, ErrForeign)
	}
	if v := d.byte(); !d.bad && v != version {
		return ErrVersion
	}
	d.lists()
	for n := d.number(maxCount); n > 0 && !d.bad; n-- {
		if l := d.record(); !d.bad {
			s.load(l)
		}
	}
	for n := d.number(maxCount); n > 0 && !d.bad; n-- {
		if k, a := d.sumOf(); !d.bad {
			s.loadSum(k, a)
		}
	}
	want := d.sum.Sum32()
	if got := d.bytes(crc32.Size); d.bad || binary.BigEndian.Uint32(got) != want || !d.ends() {
		return cmp.Or(d.err, ErrTorn)
	}
	return nil
}

// Append adds what another Store has, as the later.
func (s *Store) Append(later *Store) {
	for i := range later.flows.len() {
		r := later.flows.at(i)
		s.load(loaded{
			record: *r, device: later.macs.value(uint32(r.device)), peer: later.macs.value(uint32(r.peer)),
			near: later.addrs.value(r.near), far: later.addrs.value(r.far), outside: later.addrs.value(r.outside),
			name: later.labels.value(r.name), owner: later.labels.value(r.owner),
		})
	}
	for k, a := range later.sums.amounts {
		s.loadSum(loadedSum{k, later.macs.value(uint32(k.device)), later.labels.value(k.owner)}, a)
	}
}

// loaded is a record whose references are values.
type loaded struct {
	record
	device, peer       mac
	near, far, outside addr
	name, owner        label
}

func (s *Store) load(l loaded) {
	s.makeRoom()
	r := l.record
	r.device, r.peer = uint16(s.macs.ref(l.device)), uint16(s.macs.ref(l.peer))
	r.near, r.far, r.outside = s.addrs.ref(l.near), s.addrs.ref(l.far), s.addrs.ref(l.outside)
	r.name, r.owner = s.labels.ref(l.name), s.labels.ref(l.owner)
	s.keep(r)
}

// loadedSum is a sumKey whose references are values.
type loadedSum struct {
	sumKey
	device mac
	owner  label
}

func (s *Store) loadSum(l loadedSum, a amount) {
	if s.macs.full(maxMACs) {
		s.sums.dropped++
		return
	}
	k := l.sumKey
	k.device, k.owner = uint16(s.macs.ref(l.device)), s.labels.ref(l.owner)
	s.sums.add(s, k, a)
	s.macs.unref(uint32(k.device))
	s.labels.unref(k.owner)
	s.trim()
}

// decoder reads until the first thing that is not as Save wrote it.
type decoder struct {
	r       *bufio.Reader
	sum     hash.Hash32
	buf     [64]byte
	bad     bool
	err     error // of r, but for its end
	macs    []mac
	addrs   []addr
	labels  []label
	sources map[string]string // one copy of each
}

// maxCount bounds the length of a list: far above what a Store of 8 MB holds, so that nothing grows for long
// from a file that is wrong.
const maxCount = 1 << 24

func (d *decoder) lists() {
	d.macs, d.addrs, d.labels = make([]mac, 1), make([]addr, 1), make([]label, 1)
	for n := d.number(maxMACs); n > 0 && !d.bad; n-- {
		d.macs = append(d.macs, mac(d.bytes(len(mac{}))))
	}
	for n := d.number(maxCount); n > 0 && !d.bad; n-- {
		d.addrs = append(d.addrs, d.addr())
	}
	for n := d.number(maxCount); n > 0 && !d.bad; n-- {
		d.labels = append(d.labels, label{text: d.text(), source: d.source()})
	}
}

// bytes returns the next n bytes, at most 64, until it is called again; zeros where there are less.
func (d *decoder) bytes(n int) []byte {
	b := d.buf[:n]
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.fail(err)
		clear(b)
	}
	d.sum.Write(b)
	return b
}

func (d *decoder) byte() byte { return d.bytes(1)[0] }

func (d *decoder) fail(err error) {
	d.bad = true
	if err != nil && d.err == nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		d.err = fmt.Errorf("read: %w", err)
	}
}

// ends reports whether nothing follows.
func (d *decoder) ends() bool {
	_, err := d.r.ReadByte()
	return errors.Is(err, io.EOF)
}

func (d *decoder) number(most uint64) uint64 {
	n, shift := uint64(0), 0
	for ; shift < 64 && !d.bad; shift += 7 {
		b := d.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 && (shift < 63 || b < 2) && n <= most {
			return n
		} else if b < 0x80 {
			break
		}
	}
	d.fail(nil)
	return 0
}

func (d *decoder) text() string {
	var text []byte
	for left := int(d.number(maxText)); left > 0 && !d.bad; {
		n := min(left, len(d.buf))
		text = append(text, d.bytes(n)...)
		left -= n
	}
	return string(text)
}

func (d *decoder) source() string {
	text := d.text()
	if _, known := d.sources[text]; !known {
		d.sources[text] = text
	}
	return d.sources[text]
}

func (d *decoder) addr() addr {
	switch d.byte() {
	case familyIPv4:
		return addrOf(netip.AddrFrom4([4]byte(d.bytes(4))))
	case familyIPv6:
		return addr{[16]byte(d.bytes(16)), familyIPv6}
	}
	d.fail(nil)
	return addr{}
}

func (d *decoder) record() (l loaded) {
	l.first, l.lasted = d.time(), uint32(d.number(math.MaxUint32))
	l.rxBytes, l.txBytes = d.number(math.MaxUint64), d.number(math.MaxUint64)
	l.rxPackets, l.txPackets = uint32(d.number(math.MaxUint32)), uint32(d.number(math.MaxUint32))
	l.near, l.far, l.outside = one(d, d.addrs), one(d, d.addrs), one(d, d.addrs)
	l.name, l.owner = one(d, d.labels), one(d, d.labels)
	l.device, l.peer = one(d, d.macs), one(d, d.macs)
	l.nearPort, l.farPort, l.outsidePort = d.port(), d.port(), d.port()
	l.flags, l.proto = flags(d.number(uint64(allFlags)))&^pending, uint8(d.number(math.MaxUint8))
	return l
}

func (d *decoder) sumOf() (l loadedSum, a amount) {
	l.at, l.day = d.time(), d.number(1) == 1
	l.device = one(d, d.macs)
	l.flags, l.port = flags(d.number(uint64(sure)))&sure, d.port()
	l.owner = one(d, d.labels)
	a = amount{d.number(math.MaxUint64), d.number(math.MaxUint64), d.number(math.MaxUint64)}
	return l, a
}

func (d *decoder) port() uint16 { return uint16(d.number(math.MaxUint16)) }

// maxTime keeps sums of times from overflowing: the year 10,000 and as long before 1970.
const maxTime = 253_402_300_800_000

func (d *decoder) time() int64 {
	t := unzigzag(d.number(math.MaxUint64))
	if t > maxTime || t < -maxTime {
		d.fail(nil)
		return 0
	}
	return t
}

// one returns the value that the next number refers to.
func one[T any](d *decoder, list []T) T {
	return list[d.number(uint64(len(list)-1))]
}
