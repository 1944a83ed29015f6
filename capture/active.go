package capture

import "time"

// AppendActive appends the flows that had a packet since a moment, in no order; a few that had none for a second more
// may be among them. What it costs grows with these and the devices, not with all flows.
func (t *Table) AppendActive(dst []Flow, since time.Time) []Flow {
	at := since.UnixNano() - relinkAfter // a record is moved within its list that much later than it is used
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.devices {
		for i := t.devices[s].head; i != none && t.records[i].moved >= at; i = t.records[i].older {
			if r := &t.records[i]; !r.hidden() {
				dst = append(dst, r.flow())
			}
		}
	}
	return dst
}
