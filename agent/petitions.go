package agent

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"spinneret/agent/decide"
	"spinneret/dots"
	"spinneret/dots/wire"
)

// petition is what a session has to tell the home.
type petition struct {
	entry  wire.Entry
	ending dots.Ending // empty: the mitigation is asked for
}

// petitions are the home as sessions with providers see it. They are told, and answered, without waiting for the loop.
type petitions struct {
	outside atomic.Pointer[[]netip.Prefix] // by which providers see the home
	meant   atomic.Pointer[[]decide.Meant] // what the owner called legitimate

	mu    sync.Mutex
	list  []petition // of one mitigation the latest only, so that there are no more than a wire.Book holds
	wakeC mailbox[struct{}]
}

var _ dots.Home = (*petitions)(nil)

func newPetitions() *petitions {
	p := &petitions{wakeC: newMailbox[struct{}]()}
	p.outside.Store(&[]netip.Prefix{})
	p.meant.Store(&[]decide.Meant{})
	return p
}

// Ours implements wire.Judge. Link-local sources are those of our own devices (RFC 9066 section 5.3.1).
func (p *petitions) Ours(_ wire.Client, source netip.Prefix) bool {
	if source.Addr().Is6() && source.Addr().IsLinkLocalUnicast() {
		return true
	}
	return slices.ContainsFunc(*p.outside.Load(), func(ours netip.Prefix) bool {
		return ours.Bits() <= source.Bits() && ours.Contains(source.Addr())
	})
}

// Legitimate implements wire.Judge.
func (p *petitions) Legitimate(c wire.Client, s wire.Scope) bool {
	return slices.ContainsFunc(*p.meant.Load(), func(m decide.Meant) bool { return m.SameRequest(c.Provider, s) })
}

// Mitigate implements dots.Home.
func (p *petitions) Mitigate(e wire.Entry) { p.put(petition{entry: e}) }

// End implements dots.Home.
func (p *petitions) End(e wire.Entry, why dots.Ending) { p.put(petition{e, why}) }

func (p *petitions) put(n petition) {
	p.mu.Lock()
	p.list = slices.DeleteFunc(p.list, func(old petition) bool { return old.entry.Key == n.entry.Key && old.ending == n.ending })
	p.list = append(p.list, n)
	p.mu.Unlock()
	p.wakeC.put(struct{}{})
}

// take returns what came since the last time.
func (p *petitions) take() []petition {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.list
	p.list = nil
	return list
}
