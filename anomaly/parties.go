package anomaly

// partyBook is who a device talks to on the internet, by the hash of the party's name; the ones not seen for longest
// give way.
type partyBook struct {
	list  [maxParties]knownParty
	total uint16 // ever met
}

// knownParty is one of them; hours count from 1970.
type knownParty struct {
	id          uint64 // 0: free
	first, last uint32
}

// maxParties is more than a device of one purpose has; of others nobody asks whom they met.
const maxParties = 18

// meet notes that a device talks to a party, and tells since which hour it does; fresh where it never did.
func (b *partyBook) meet(id uint64, hour uint32) (since uint32, fresh bool) {
	oldest := &b.list[0]
	for i := range b.list {
		p := &b.list[i]
		if p.id == id {
			p.last = max(p.last, hour)
			return p.first, false
		}
		if p.last < oldest.last {
			oldest = p
		}
	}
	*oldest = knownParty{id, hour, hour}
	if b.total < 1<<16-1 {
		b.total++
	}
	return hour, true
}
