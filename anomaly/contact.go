package anomaly

import (
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// contactsHour, parties an hour: who meets more goes through addresses, which is another finding than one for each.
const contactsHour = 6

// firstContact tells of a party that a device of one purpose never spoke to. Others meet somebody new all day. Who goes
// to a login weighs more, in the home too: a bulb has no business with the files of others.
func (d *Detector) firstContact(rec *device, f *capture.Flow, party string, at int64) {
	if k := d.knows(rec); k.Learning || !k.Single || spreadPorts[f.Port] != "" || rec.strangers() > contactsHour {
		return // telnet is told of in any case
	}
	severity := Note
	if isLogin(f) {
		severity = Warning
	}
	d.raise(rec, at, signal{
		kind: FirstContact, severity: severity, party: party, since: at,
		text:  say.New("first", party, use(f), rec.past.parties.total-1),
		match: match{remote: d.hashAddr(f.Remote), from: at}, to: []string{f.Remote.String()},
	})
}

// detectTelnet tells of a connection by telnet or what else only worms use, even a single one: few devices need it,
// and every botnet of things began with it. Many at once are a scan or guessed passwords. A device that is known to
// do much else may be a tinkerer's.
func (d *Detector) detectTelnet(rec *device, now int64) {
	severity := Warning
	if d.knows(rec).General {
		severity = Note
	}
	for i := range rec.logins {
		t := &rec.logins[i]
		what := spreadPorts[t.port]
		if what == "" || !t.live(now) || t.different.count() >= guessSpread || rec.scans(t) {
			continue
		}
		var times say.Phrase
		if n := t.different.count(); n > 1 {
			times = say.New("spread.times", n, t.within())
		}
		d.raise(rec, now, signal{
			kind: FirstContact, severity: severity, party: what + " " + t.addr.String(), since: t.began,
			text:  say.New("spread", what, t.addr.String(), times),
			match: match{remote: t.id, port: t.port, from: t.began}, to: t.target(),
		})
	}
}

// scans reports whether it is one of many addresses that are tried by telnet, or telnet one of many ports there.
func (rec *device) scans(t *loginTrack) bool {
	const many = 5 // ports of one address: who tries so many looks for any of them, not for telnet
	if across := rec.findPort(packet.ProtoTCP, t.port); across != nil && across.different.count() >= scanSpread {
		return true
	}
	target := rec.findTarget(t.id, packet.ProtoTCP)
	return target != nil && target.different.count() >= many
}
