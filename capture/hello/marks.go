package hello

import (
	"hash/maphash"
	"time"
)

const (
	// maxMarks bounds the flows that are remembered without their bytes. They share places: what is displaced
	// only costs time, or a name whose message came in a bad order.
	maxMarks = 2048
	// settleTime is how long a flow that is done with is left alone. A client may then use its port again
	// without its SYN being seen.
	settleTime = time.Minute
)

// marks remember in little memory where streams begin and which flows are done with. They are found by a hash
// with a secret, so that nobody can aim at another's.
type marks struct {
	seed   maphash.Seed
	places [maxMarks]mark
}

type mark struct {
	tag   uint64
	at    int64 // when it was made, in nanoseconds
	start uint32
	state markState
}

type markState uint8

const (
	unknown markState = iota
	opened            // a SYN was seen: the stream begins with sequence number start
	settled           // nothing is expected any more
)

// find gives the mark of the flow, in state unknown where there is none.
func (m *marks) find(k *key, now time.Time) mark {
	tag := maphash.Comparable(m.seed, *k)
	found := m.places[tag%maxMarks]
	if found.tag != tag || found.state == settled && age(found.at, now) > settleTime {
		return mark{}
	}
	return found
}

func (m *marks) open(k *key, start uint32, now time.Time) {
	m.put(k, mark{at: now.UnixNano(), start: start, state: opened})
}

func (m *marks) settle(k *key, now time.Time) {
	m.put(k, mark{at: now.UnixNano(), state: settled})
}

func (m *marks) put(k *key, v mark) {
	v.tag = maphash.Comparable(m.seed, *k)
	m.places[v.tag%maxMarks] = v
}

// age is how far now is from a time, either way: clocks jump.
func age(at int64, now time.Time) time.Duration {
	return time.Duration(now.UnixNano() - at).Abs()
}
