package agent

import (
	"slices"

	"spinneret/agent/events"
	"spinneret/capture"
	"spinneret/capture/account"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// firstRate is how many first packets a second are looked at. A home opens some tens of connections a second; a flood
// opens thousands, of which this many are enough to see it, at 4 µs each.
const firstRate = 1000

// account adds the task that takes volumes from conntrack, as far as the owner lets it.
func (a *Agent) account() {
	h := a.home
	h.abilities[capture.LevelPackets] = capture.Able
	if h.options.MaxLevel >= capture.LevelAccounting {
		h.accountant = account.New(h.table, account.Config{
			NoEvents: h.options.MaxLevel < capture.LevelEvents, Report: h.ableC.put, Log: a.log.With("room", "capture"),
		})
		a.add("conntrack", h.accountant.Run)
	} else {
		h.table.SetVolumes(capture.FromSamples)
	}
	h.levels.Set(h.abilities)
}

// ableTo takes what conntrack can do for us now, and tells when that makes a difference.
func (h *home) ableTo(r account.Report) {
	h.abilities[capture.LevelAccounting], h.abilities[capture.LevelEvents] = r.Accounting, r.Events
	h.relevel()
}

// noPackets is the level of a router on which not even level 0 works.
const noPackets = -1

func (h *home) level() int {
	if !h.levels.Allows(capture.LevelPackets) {
		return noPackets
	}
	return h.levels.Level()
}

// relevel tells when the abilities make a difference.
func (h *home) relevel() {
	before := h.level()
	h.abilities[capture.LevelBridge] = h.bridgeAbility()
	changed := h.levels.Set(h.abilities)
	if turned := h.turnBridges(); !changed && !turned {
		return
	}
	h.dirty, h.stale = true, true // what is logged depends on the level
	if h.enforcer != nil {
		h.next()
	}
	level := h.level()
	if level == before {
		return
	}
	e := events.Event{Kind: events.Capability, Severity: events.Note, Text: say.New("level", level)}
	if level == noPackets {
		e.Text = say.New("level.none")
	}
	if level < before {
		e.Severity, e.Text = events.Warning, say.New("because", e.Text, h.levelWhy(h.levels.List()[level+1]))
	}
	h.event(e)
}

// levelList is what status shows of the levels.
func (h *home) levelList() []ui.Level {
	list := []ui.Level{}
	for _, s := range h.levels.List() {
		l := ui.Level{Level: s.Level, OK: s.OK}
		if why := h.levelWhy(s); !why.IsZero() {
			l.Why, l.Say = text(why.String()), ui.Say(why.Array())
		}
		list = append(list, l)
	}
	return list
}

// levelWhy is why a level does not work here; zero where it does.
func (h *home) levelWhy(s capture.LevelState) say.Phrase {
	why := say.Plain(s.Why)
	if s.Level == capture.LevelBridge && s.Why == h.unbridged().String() {
		why = h.unbridged()
	}
	if s.Level == capture.LevelBridge && !s.OK && h.looksInside() {
		why = say.New("inside", why)
	}
	return why
}

// sourceLosses is what the inputs of capture could not deliver.
func (h *home) sourceLosses() []capture.Loss {
	losses := h.table.Losses()
	losses = append(losses, h.names.Losses()...)
	losses = append(losses, slices.Concat(h.dhcp.Losses(), h.lldp.Losses(), h.profileLosses())...)
	losses = append(losses, h.partyLosses()...)
	if h.accountant != nil {
		losses = append(losses, h.accountant.Losses()...)
	}
	return losses
}

// connections tells how full the store of followed connections is.
func (h *home) connections() []capture.Store {
	if h.accountant == nil {
		return nil
	}
	return h.accountant.Stores()
}

// wanted is what capture wants to be shown: where conntrack counts, only the packets that tell who and what.
func (h *home) wanted() firewall.Log {
	l := h.options.Log
	if l.Group != 0 && h.levels.Allows(capture.LevelAccounting) {
		l.First, l.Rate = true, firstRate
	}
	if !h.looksInside() {
		l.Inside = 0
	}
	return l
}
