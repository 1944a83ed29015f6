package anomaly

import "spinneret/capture/say"

// The limits of a sudden upload, of bytes sent in ten minutes.
const (
	// exfilBytes: a backup or a holiday's photos are more, so of a laptop it takes what its habits never had; a
	// device of one purpose has nothing of that size to tell but pictures.
	exfilBytes       = 500_000_000
	exfilBytesSingle = 20_000_000
	// exfilTimes above the most that it ever sent in ten minutes.
	exfilTimes = 3
	// exfilBalance: so many times more than it received in this minute.
	exfilBalance = 4
)

// detectExfiltration looks for a device that begins to give away much more than ever.
func (d *Detector) detectExfiltration(rec *device, at int64) {
	k := d.knows(rec)
	least, severity := uint64(exfilBytes), Note
	if k.Single {
		least, severity = exfilBytesSingle, Alarm
	}
	if k.Learning || rec.now.sum[metricUp] == 0 || rec.now.mostSent == 0 {
		return
	}
	sent := rec.sent10()
	if sent < least || sent < exfilTimes*rec.past.most10 || rec.now.sum[metricUp] < exfilBalance*rec.now.sum[metricDown] {
		return
	}
	party := d.config.Party(rec.mac, rec.now.mostTo)
	if !k.Single && party == rec.now.mostTo.String() {
		severity = Warning // whom it is for nobody says
	}
	d.raise(rec, at, signal{
		kind: Exfiltration, severity: severity, party: party, since: at - 10*minuteLong,
		text:  say.New("exfiltration", say.Bytes(sent), party, say.Bytes(rec.past.most10)),
		match: match{remote: d.hashAddr(rec.now.mostTo), from: at - 10*minuteLong}, to: []string{rec.now.mostTo.String()},
	})
}
