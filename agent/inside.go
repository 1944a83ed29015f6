package agent

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
)

const (
	// passedRatio keeps reading what passed inside the home at a fortieth of a core, however much there is.
	passedRatio    = 40
	passedInterval = time.Second
)

// insideKernel is the firewall as far as it looks inside the home's bridges: *firewall.Firewall, or a fake.
type insideKernel interface {
	TryInside(ctx context.Context) error
	Passed(ctx context.Context, fn func(firewall.Passed)) error
	Limits() []string
}

// bridges brings what the kernel counts on the home's bridges to the table.
type bridges struct {
	kernel insideKernel
	table  *capture.Table
	now    func() time.Time
	on     atomic.Bool // the rules that count are wanted
	wordC  mailbox[bridgeWord]
	told   bridgeWord
}

// bridgeWord is what the kernel can do on bridges.
type bridgeWord struct {
	ability capture.Ability
	limits  []string // that it has for quarantines, in sentences
}

// lookInside adds the task that counts on the home's bridges, as far as the owner lets it.
func (a *Agent) lookInside(fw insideKernel) {
	h := a.home
	h.limits = fw.Limits()
	if h.options.MaxLevel < capture.LevelBridge {
		return
	}
	h.bridges = &bridges{kernel: fw, table: h.table, now: h.now, wordC: newMailbox[bridgeWord]()}
	a.add("bridges", h.bridges.Run)
}

// Run tries until the kernel can do it, and counts as long as it does, until ctx ends.
func (b *bridges) Run(ctx context.Context) error {
	for wait := time.Duration(0); b.pause(ctx, wait); wait = reopenEvery {
		err := b.try(ctx)
		for err == nil && ctx.Err() == nil {
			err = b.count(ctx)
		}
		if ctx.Err() == nil {
			b.tell(capture.Ability{Why: err.Error()})
		}
	}
	return nil
}

// pause is false once ctx has ended.
func (b *bridges) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (b *bridges) try(ctx context.Context) error {
	callCtx, cancel := context.WithTimeout(ctx, applyDeadline)
	defer cancel()
	if err := b.kernel.TryInside(callCtx); err != nil {
		return err
	}
	b.tell(capture.Able)
	return nil
}

// tell lets the home know of what is new.
func (b *bridges) tell(a capture.Ability) {
	w := bridgeWord{a, b.kernel.Limits()}
	if w.ability != b.told.ability || !slices.Equal(w.limits, b.told.limits) {
		b.told = w
		b.wordC.put(w)
	}
}

// count takes what passed, and waits for the next time.
func (b *bridges) count(ctx context.Context) error {
	began := time.Now()
	if b.on.Load() {
		callCtx, cancel := context.WithTimeout(ctx, applyDeadline)
		defer cancel()
		at := b.now()
		if err := b.kernel.Passed(callCtx, func(p firewall.Passed) { b.account(p, at) }); err != nil {
			return err
		}
	}
	b.pause(ctx, max(passedInterval, passedRatio*time.Since(began)))
	return nil
}

func (b *bridges) account(p firewall.Passed, at time.Time) {
	b.table.AccountInside(&packet.Packet{
		Time: at, SrcMAC: p.Src, DstMAC: p.Dst, EtherType: p.EtherType, Src: p.SrcAddr, Dst: p.DstAddr,
		Proto: p.Protocol, SrcPort: p.SrcPort, DstPort: p.DstPort,
	}, capture.Volume(p.Count))
}

// bridgeWords is never ready where nobody looks inside the bridges.
func (h *home) bridgeWords() mailbox[bridgeWord] {
	if h.bridges == nil {
		return nil
	}
	return h.bridges.wordC
}

func (h *home) heardOfBridges(w bridgeWord) {
	h.bridgeTried, h.limits, h.dirty = w.ability, w.limits, true
	h.relevel()
}

// bridgeAbility says whether what passes inside the home can be seen: the kernel's rules, their log and a bridge make it.
func (h *home) bridgeAbility() capture.Ability {
	switch {
	case !h.bridgeTried.OK:
		return h.bridgeTried
	case !h.hasBridge():
		return capture.Ability{Why: h.unbridged().String()}
	}
	return h.logsOf(capture.LevelBridge)
}

func (h *home) unbridged() say.Phrase { return say.New("level.bridge", say.Strings(h.lanNames())) }

func (h *home) hasBridge() bool {
	for _, l := range h.net.LAN {
		if len(l.Ports) > 0 {
			return true
		}
	}
	return false
}

// looksInside reports whether the home's bridges are observed. They are without conntrack too, as on an access point
// that has none, though the level is then a lower one.
func (h *home) looksInside() bool {
	return h.bridges != nil && h.bridges.on.Load()
}

// turnBridges begins or ends to observe the bridges, if it is time, and reports whether it was.
func (h *home) turnBridges() bool {
	if h.bridges == nil {
		return false
	}
	on := h.abilities[capture.LevelBridge].OK && h.levels.Allows(capture.LevelPackets)
	if h.bridges.on.Swap(on) == on {
		return false
	}
	if on {
		h.table.BeginInside()
	} else {
		h.table.EndInside() // for what Passed is telling right now, too
	}
	return true
}
