package capture

import "time"

// relinkAfter is how old a record's place in its list may be: moving it for every packet would touch two more
// records each time, and eviction does not need to know better than to the second.
const relinkAfter = int64(time.Second)

// link puts a record at the head of its device's list.
func (t *Table) link(i int32) {
	r := &t.records[i]
	d := &t.devices[r.near]
	r.newer, r.older = none, d.head
	if d.head != none {
		t.records[d.head].newer = i
	} else {
		d.tail = i
	}
	d.head = i
	t.held[r.near]++
}

func (t *Table) unlink(i int32) {
	r := &t.records[i]
	d := &t.devices[r.near]
	if r.newer != none {
		t.records[r.newer].older = r.older
	} else {
		d.head = r.older
	}
	if r.older != none {
		t.records[r.older].newer = r.newer
	} else {
		d.tail = r.newer
	}
	t.held[r.near]--
}

// touch notes that a flow was used.
func (t *Table) touch(i int32, now int64) {
	r := &t.records[i]
	if now-r.moved < relinkAfter {
		return
	}
	r.moved = now
	if t.devices[r.near].head == i {
		return
	}
	t.unlink(i)
	t.link(i)
}

// remove takes a flow out of the table.
func (t *Table) remove(i int32) {
	t.unlink(i)
	r := &t.records[i]
	t.index.remove(t.records, i)
	t.unnote(i)
	*r = record{}
	t.free = append(t.free, i)
}

// evictFlow makes room for a flow of slot: the device with the most flows loses the one it used least recently.
// So a device that floods, from however many forged addresses, displaces its own flows as soon as it has more
// than any other, and never those of a device with less than its fair share.
func (t *Table) evictFlow(slot int32) {
	heaviest := slot
	for i, n := range t.held {
		if n > t.held[heaviest] {
			heaviest = int32(i)
		}
	}
	t.finish(t.devices[heaviest].tail)
	t.evictedFlows++
}
