package anomaly

import (
	"spinneret/capture/say"
)

// What makes another device of one: the limits for an hour, two of which must be passed.
const (
	// characterStrangers, parties never met before in one hour, for a device of one purpose, and as a part of all
	// that it ever met for others.
	characterStrangers = 6
	// characterPart of all that it ever met, met within one hour: the half is a new life.
	characterPart = 2
	// median is the share that half of its minutes stay within.
	median = 0.5
	// characterTurn, points of a percentage: what mostly received now mostly sends, or the other way round.
	characterTurn = 60
	// characterBytes, in the hour: a balance of less says nothing.
	characterBytes = 5_000_000
	// characterTimes above what nine of ten active minutes move, in each minute of the hour.
	characterTimes = 8
)

// detectCharacter looks back on an hour: is this still the device that was learned?
func (d *Detector) detectCharacter(rec *device, at int64) {
	k := d.knows(rec)
	up, down := rec.now.hourSum[0], rec.now.hourSum[1]
	if k.Learning || up+down < characterBytes {
		return
	}
	var signs []any
	note := func(yes bool, sign say.Phrase) {
		if yes {
			signs = append(signs, sign)
		}
	}
	met := uint64(rec.strangers())
	note(met >= max(characterStrangers, uint64(rec.past.parties.total)/characterPart), say.New("character.met", met))
	share, usual := 100*up/(up+down), rec.past.base[metricBalance].quantile(median)
	note(share > usual+characterTurn || share+characterTurn < usual, say.New("character.turned", share, usual))
	often := rec.past.base[metricUp].quantile(usualQuantile) + rec.past.base[metricDown].quantile(usualQuantile)
	note((up+down)/uint64(rec.now.active) > characterTimes*often, say.New("character.moved", say.Bytes(up+down), characterTimes))
	if len(signs) < 2 {
		return
	}
	all := say.New("and", signs[:2]...)
	if len(signs) > 2 {
		all = say.New("and", all, signs[2])
	}
	severity := Note
	if k.Single {
		severity = Warning
	}
	d.raise(rec, at, signal{kind: Character, severity: severity, since: at - hourLong, text: say.New("character", all), match: match{from: at - hourLong}})
}
