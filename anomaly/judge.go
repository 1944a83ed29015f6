package anomaly

import (
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// Findings returns all findings, oldest first.
func (d *Detector) Findings() []Finding {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Finding, len(d.ledger.all))
	for i, f := range d.ledger.all {
		out[i] = f.copy()
	}
	return out
}

// Changes counts what changed in the findings: where it is the same, so are they.
func (d *Detector) Changes() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ledger.changes
}

// Judge takes the owner's word that a finding is fine: the same device may do the same with the same party from now
// on. With fine false it is as before. It returns false where there is no such finding.
func (d *Detector) Judge(id int64, fine bool) (Finding, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.ledger.all {
		if f.ID != id {
			continue
		}
		d.ledger.changes++
		switch {
		case fine:
			f.State, f.End = Fine, time.Unix(0, f.last).UTC()
			d.ledger.allow(f)
		case f.State == Fine && d.last-f.last > int64(lull):
			f.State = Over
		case f.State == Fine:
			f.State, f.End = Open, time.Time{}
		}
		return f.copy(), true
	}
	return Finding{}, false
}

// allow makes a finding that is fine the one that counts of its kind: where the same goes on as another finding, that
// ends.
func (l *ledger) allow(f *Finding) {
	if other := l.byKey[f.key()]; other != nil && other != f && other.State == Open {
		other.State, other.End = Over, time.Unix(0, other.last).UTC()
	}
	l.byKey[f.key()] = f
	l.changes++
}

// Violation takes word that a device broke its maker's profile (RFC 8520): with whom, and what it did, in words that
// go on after the device's name. What is said again while it lasts is one finding.
func (d *Detector) Violation(now time.Time, mac packet.MAC, party string, text say.Phrase) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := now.UnixNano()
	d.raise(d.of(mac, at), at, signal{kind: MUD, severity: Warning, party: party, text: text, since: at})
}
