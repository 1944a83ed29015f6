package anomaly

import (
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// The limits of guessing passwords: connections within two minutes (window) to one service that asks for one. Logins
// on web pages cannot be told from other use without looking into them.
const (
	// guessSpread, on telnet and its like: a person types a name and a password three times.
	guessSpread = 5
	// guessLogins, elsewhere: a program that copies files by SSH connects some ten times in two minutes.
	guessLogins = 30
)

// detectBruteforce looks for many connections to one login.
func (d *Detector) detectBruteforce(rec *device, now int64) {
	strict := d.knows(rec).Single
	for i := range rec.logins {
		t := &rec.logins[i]
		limit, severity := stricter(guessLogins, strict), Warning
		if spreadPorts[t.port] != "" {
			limit = guessSpread
		}
		if spreadPorts[t.port] != "" || !d.knows(rec).General {
			severity = Alarm // of others it may be a program that copies files one by one
		}
		if n := t.different.count(); t.live(now) && n >= limit {
			what := service(packet.ProtoTCP, t.port)
			d.raise(rec, now, signal{
				kind: Bruteforce, severity: severity, party: t.addr.String() + " " + what.String(), since: t.began,
				text:  say.New("guess", t.distinct(), what, t.addr.String(), t.within()),
				match: match{remote: t.id, port: t.port, from: t.began}, to: t.target(),
			})
		}
	}
}
