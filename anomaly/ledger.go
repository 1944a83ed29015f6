package anomaly

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

const (
	maxFindings       = 256 // about 0.5 MB with all their flows
	maxFindingsDevice = 24  // so that one device cannot displace what others did

	// lull is how long nothing must happen for a finding to be over: longer than the two minutes in which a slow
	// scan shows again.
	lull = 150 * time.Second
	// again is how soon after its end the same is the same finding, not another: who is told of each hiccup of one
	// thing hears nothing any more.
	again = time.Hour
	// fade is how long a finding is kept after its end.
	fade = 7 * 24 * time.Hour
)

// ledger holds the findings, oldest first.
type ledger struct {
	all     []*Finding
	byKey   map[findingKey]*Finding
	lastID  int64
	evicted uint64
	news    []Finding
	changes uint64 // of anything that can be seen
}

type findingKey struct {
	device packet.MAC
	kind   Kind
	party  string
}

func (f *Finding) key() findingKey { return findingKey{f.Device, f.Kind, f.Party} }

func newLedger() ledger {
	return ledger{byKey: map[findingKey]*Finding{}}
}

// signal is one detector's word that something is going on.
type signal struct {
	kind     Kind
	severity Severity
	party    string
	text     say.Phrase
	since    int64 // nanoseconds since 1970
	match    match
	to       []string
	sources  []netip.Addr
}

// raise enters a signal: as a finding of its own, or with the one that lasts or ended not long ago.
func (d *Detector) raise(rec *device, now int64, s signal) {
	l := &d.ledger
	key := findingKey{rec.mac, s.kind, s.party}
	f := l.byKey[key]
	if f == nil || f.State == Over && now-f.last > int64(again) {
		f = l.begin(rec.mac, key, s)
		f.Learning, f.Found = d.knows(rec).Learning, time.Unix(0, now).UTC()
	}
	grown := f.ID == 0 || s.severity > f.Severity
	f.Text, f.Severity, f.last = s.text.Within(maxText), max(f.Severity, s.severity), now
	f.match, f.To, f.Sources = s.match, s.to, s.sources
	l.changes++
	if f.ID == 0 {
		l.lastID++
		f.ID = l.lastID
	}
	if f.State == Fine {
		return
	}
	f.State, f.End = Open, time.Time{}
	if grown {
		l.news = append(l.news, f.copy())
	}
}

func (l *ledger) begin(mac packet.MAC, key findingKey, s signal) *Finding {
	l.makeRoom(mac)
	f := &Finding{Device: mac, Kind: s.kind, Party: s.party, Severity: s.severity, Start: time.Unix(0, s.since).UTC(), State: Open}
	l.all = append(l.all, f)
	l.byKey[key] = f
	return f
}

// makeRoom drops what is over and oldest, of the device that has its share already, else of all.
func (l *ledger) makeRoom(mac packet.MAC) {
	if l.share(mac) >= maxFindingsDevice {
		l.dropOldest(func(f *Finding) bool { return f.Device == mac })
	} else if len(l.all) >= maxFindings {
		l.dropOldest(func(*Finding) bool { return true })
	}
}

// share is how many findings are a device's.
func (l *ledger) share(mac packet.MAC) (n int) {
	for _, f := range l.all {
		if f.Device == mac {
			n++
		}
	}
	return n
}

// dropOldest drops one: what is over before what lasts, a note before an alarm, and what the owner spoke about last.
func (l *ledger) dropOldest(among func(*Finding) bool) {
	least := -1
	for i, f := range l.all {
		if among(f) && (least < 0 || f.weight() < l.all[least].weight()) {
			least = i
		}
	}
	if least >= 0 {
		l.drop(least)
		l.evicted++
	}
}

// weight is how much would be lost with a finding.
func (f *Finding) weight() int {
	w := int(f.Severity)
	switch f.State {
	case Open:
		w += len(severities)
	case Fine:
		w += 2 * len(severities)
	}
	return w
}

func (l *ledger) drop(at int) {
	f := l.all[at]
	key := f.key()
	if l.byKey[key] == f {
		delete(l.byKey, key)
	}
	l.all = slices.Delete(l.all, at, at+1)
	l.changes++
}

// settle ends what has not happened for a while, and forgets what ended long ago. wants is told of each device whose
// findings lack evidence.
func (l *ledger) settle(now int64, wants func(packet.MAC)) {
	for i := len(l.all) - 1; i >= 0; i-- {
		f := l.all[i]
		quiet := now - f.last
		switch {
		case f.State == Fine:
		case f.State == Open && quiet > int64(lull):
			f.State, f.End = Over, time.Unix(0, f.last).UTC()
			l.changes++
		case f.State == Over && quiet > int64(fade):
			l.drop(i)
		case f.State == Open && len(f.Flows) < maxEvidence:
			wants(f.Device)
		}
	}
}

// show adds a flow to the findings of its device that it shows.
func (l *ledger) show(f *capture.Flow, mac packet.MAC, remote uint64) {
	for _, x := range l.all {
		if x.Device != mac || x.State != Open || !x.match.fits(f, remote) {
			continue
		}
		same := func(y capture.Flow) bool {
			return y.Remote == f.Remote && y.Protocol == f.Protocol && y.RemotePort == f.RemotePort && y.DevicePort == f.DevicePort
		}
		if at := slices.IndexFunc(x.Flows, same); at >= 0 {
			x.Flows[at] = *f
			l.changes++
		} else if len(x.Flows) < maxEvidence {
			l.changes++
			x.Flows = append(x.Flows, *f)
		}
	}
}

// copy is the finding for others to keep.
func (f *Finding) copy() Finding {
	out := *f
	out.Flows, out.Last = slices.Clone(f.Flows), time.Unix(0, f.last).UTC()
	return out
}
