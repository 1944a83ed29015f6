package pcapfile

import (
	"container/heap"
	"context"
	"errors"
	"io"
	"sync"

	"spinneret/capture/packet"
)

// Merged is a capture.Source of one or more files, read side by side in the order of their times. A file whose
// own packets are out of order keeps its order.
type Merged struct {
	pace pacer

	mu      sync.Mutex // over what Stats reads while Run goes on
	readers []*Reader
}

// Merge returns a source of what readers have, which it owns from now on. Speed 1 plays it as fast as it was
// recorded, 2 twice as fast, and 0 without waiting. A silence of more than a second is played as one second.
func Merge(speed float64, readers ...*Reader) *Merged {
	return &Merged{pace: pacer{speed: speed}, readers: readers}
}

// OpenMerged is Merge of the files at paths.
func OpenMerged(speed float64, paths ...string) (*Merged, error) {
	m := Merge(speed)
	for _, path := range paths {
		r, err := Open(path)
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		m.readers = append(m.readers, r)
	}
	return m, nil
}

// Close closes the files.
func (m *Merged) Close() error {
	var errs []error
	for _, r := range m.readers {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}

// Stats returns the sum over all files, also while Run goes on.
func (m *Merged) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum Stats
	for _, r := range m.readers {
		sum.Packets += r.stats.Packets
		sum.Bad += r.stats.Bad
		sum.Truncated += r.stats.Truncated
	}
	return sum
}

// Run hands every packet to fn. It ends with nil at the end of the last file or when ctx does, and with an
// error that names the file where one is damaged.
func (m *Merged) Run(ctx context.Context, fn func(*packet.Packet)) error {
	var q queue
	for i, r := range m.readers {
		if err := m.push(&q, &head{order: i, reader: r}); err != nil {
			return err
		}
	}
	for len(q) > 0 {
		next := q[0]
		if !m.pace.wait(ctx, next.packet.Time) {
			return nil
		}
		fn(&next.packet)
		if err := m.advance(&q); err != nil {
			return err
		}
	}
	return nil
}

// push reads the first packet of a file, which takes no part where it has none.
func (m *Merged) push(q *queue, h *head) error {
	err := m.read(h)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	heap.Push(q, h)
	return nil
}

// advance reads the next packet of the file in front.
func (m *Merged) advance(q *queue) error {
	err := m.read((*q)[0])
	if errors.Is(err, io.EOF) {
		heap.Pop(q)
		return nil
	}
	if err != nil {
		return err
	}
	heap.Fix(q, 0)
	return nil
}

func (m *Merged) read(h *head) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return h.reader.Next(&h.packet)
}

// head is a file and its packet that is next, whose payload stays in the file's own buffer.
type head struct {
	order  int // of the file on the command line, where times are equal
	reader *Reader
	packet packet.Packet
}

// queue is a heap of files by the time of their next packet.
type queue []*head

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*head)) }

func (q queue) Less(i, j int) bool {
	if c := q[i].packet.Time.Compare(q[j].packet.Time); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
