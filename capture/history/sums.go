package history

import (
	"bytes"
	"cmp"
	"sort"
	"time"

	"spinneret/capture/packet"
)

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour

	// sumCost is what a sum takes with its place in a map.
	sumCost = 120

	// maxKinds is how many sums one device has in an hour or day; whatever else it does then goes into one
	// without owner and port. So a device that scans displaces nobody's.
	maxKinds = 200
)

// Sum is what the flows of one device with one owner and port carried in an hour or day. A flow counts for
// the hour in which it began.
type Sum struct {
	Device packet.MAC
	Owner  string // "" and Port 0: all that there was no room for
	Port   uint16

	At               time.Time
	Width            time.Duration
	Flows            uint64
	RxBytes, TxBytes uint64
	Sure             bool
}

// period is one hour or day of one device.
type period struct {
	at     int64 // milliseconds since 1970, a multiple of the width
	device uint16
	day    bool
	flags  flags // sure or pending
}

type sumKey struct {
	period
	port  uint16
	owner uint32
}

type amount struct{ rx, tx, flows uint64 }

// sums is what is left of old flows.
type sums struct {
	amounts map[sumKey]amount
	kinds   map[period]int
	dropped uint64
}

func newSums() sums { return sums{amounts: map[sumKey]amount{}, kinds: map[period]int{}} }

func (m *sums) bytes() int { return (len(m.amounts) + len(m.kinds)/2) * sumCost }

// sum adds a flow to the sum of its device, and to that of the device at its other end.
func (s *Store) sum(r *record) {
	k := sumKey{
		period: period{at: floor(r.first, hour), device: r.device, flags: r.flags & (sure | pending)},
		port:   r.port(), owner: r.owner,
	}
	s.sums.add(s, k, amount{r.rxBytes, r.txBytes, 1})
	if r.peer != 0 && r.peer != r.device {
		k.device = r.peer
		s.sums.add(s, k, amount{r.txBytes, r.rxBytes, 1})
	}
	s.trim()
}

func (s *Store) trim() {
	for s.sums.bytes() > s.sumsLimit() {
		s.sums.shrink(s)
	}
}

// add adds to a sum, or to what its device has no more room for.
func (m *sums) add(s *Store, k sumKey, a amount) {
	if _, known := m.amounts[k]; !known {
		if m.kinds[k.period] >= maxKinds {
			k.owner, k.port = 0, 0
		}
		if _, known = m.amounts[k]; !known {
			m.kinds[k.period]++
			s.labels.again(k.owner)
			s.macs.again(uint32(k.device))
		}
	}
	b := m.amounts[k]
	m.amounts[k] = amount{b.rx + a.rx, b.tx + a.tx, b.flows + a.flows}
}

// take removes a sum.
func (m *sums) take(s *Store, k sumKey) amount {
	a := m.amounts[k]
	delete(m.amounts, k)
	if m.kinds[k.period]--; m.kinds[k.period] == 0 {
		delete(m.kinds, k.period)
	}
	s.labels.unref(k.owner)
	s.macs.unref(uint32(k.device))
	return a
}

// shrink makes days of the oldest hours, and gives up the oldest day where there are only days: of a day that
// fills half of the place alone, as when MACs are invented, only the smaller half.
func (m *sums) shrink(s *Store) {
	oldest, hours := int64(1<<63-1), false
	for k := range m.kinds {
		if !k.day && (!hours || k.at < oldest) || k.day && !hours && k.at < oldest {
			oldest, hours = k.at, !k.day
		}
	}
	keys := m.keys(func(k *sumKey) bool { return k.at == oldest && k.day != hours })
	if !hours && len(keys) > len(m.amounts)/2 {
		sort.Slice(keys, func(i, j int) bool { return m.volume(keys[i]) < m.volume(keys[j]) })
		keys = keys[:(len(keys)+1)/2]
	}
	for _, k := range keys {
		s.macs.again(uint32(k.device)) // add may refer to them anew
		s.labels.again(k.owner)
		a := m.take(s, k)
		if hours {
			to := k
			to.at, to.day = floor(k.at, day), true
			m.add(s, to, a)
		} else {
			m.dropped++
		}
		s.macs.unref(uint32(k.device))
		s.labels.unref(k.owner)
	}
}

func (m *sums) volume(k sumKey) uint64 { return m.amounts[k].rx + m.amounts[k].tx }

func (m *sums) keys(want func(*sumKey) bool) (out []sumKey) {
	for k := range m.amounts {
		if want(&k) {
			out = append(out, k)
		}
	}
	return out
}

// correct moves the sums that were not sure, to the nearest hour or day.
func (m *sums) correct(s *Store, shift int64, believe bool) {
	for _, k := range m.keys(func(k *sumKey) bool { return k.flags&pending != 0 }) {
		s.macs.again(uint32(k.device))
		s.labels.again(k.owner)
		a, to, width := m.take(s, k), k, hour
		if k.day {
			width = day
		}
		to.at, to.flags = floor(k.at+shift+width/2, width), k.flags.believed(believe)
		m.add(s, to, a)
		s.macs.unref(uint32(k.device))
		s.labels.unref(k.owner)
	}
}

// floor is the last multiple of width up to t, also before 1970.
func floor(t, width int64) int64 { return t - (t%width+width)%width }

// Sums returns the sums of a device, of all where it is zero, that overlap a time, oldest first. They speak of
// flows that Find has no more.
func (s *Store) Sums(device packet.MAC, from, to time.Time) (out []Sum) {
	id, known := s.macs.find(mac(device))
	if !known {
		return nil
	}
	for k, a := range s.sums.amounts {
		if id != 0 && uint32(k.device) != id || k.at > to.UnixMilli() || k.end() <= from.UnixMilli() {
			continue
		}
		out = append(out, Sum{
			Device: s.macs.value(uint32(k.device)), Owner: s.labels.value(k.owner).text, Port: k.port,
			At: time.UnixMilli(k.at).UTC(), Width: time.Duration(k.end()-k.at) * time.Millisecond,
			Flows: a.flows, RxBytes: a.rx, TxBytes: a.tx, Sure: k.flags&sure != 0,
		})
	}
	sort.Slice(out, func(i, j int) bool { return bySum(&out[i], &out[j]) < 0 })
	return out
}

func (p *period) end() int64 {
	if p.day {
		return p.at + day
	}
	return p.at + hour
}

func bySum(a, b *Sum) int {
	return cmp.Or(
		a.At.Compare(b.At), bytes.Compare(a.Device[:], b.Device[:]), cmp.Compare(a.Owner, b.Owner),
		cmp.Compare(a.Port, b.Port), cmp.Compare(a.Width, b.Width), cmp.Compare(order(a.Sure), order(b.Sure)),
	)
}

func order(is bool) int {
	if is {
		return 1
	}
	return 0
}
