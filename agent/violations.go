package agent

import (
	"context"
	"slices"
	"time"

	"spinneret/agent/breach"
	"spinneret/agent/events"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/mud"
	"spinneret/openwrt/firewall"
)

const (
	breachQueue = 256
	// breachInterval is how often all rules of all profiles are read: 60 real ones have some thousand.
	breachInterval = 5 * time.Second
	// second thought: a first packet may be refused because the answer that names its target was not read yet. It is sent
	// again within a second, so what was named by then is no breach.
	secondThought = 2 * time.Second
	maxThoughts   = 512
)

// violations are what devices did against their descriptions.
type violations struct {
	book    *breach.Book
	packetC mailbox[breach.Packet]
	waiting []breach.Packet // for second thoughts, the oldest first
	late    uint64          // those that were none: first packets that came before their name was known
	counted map[[6]byte]firewall.ProfileCounters
	usages  map[packet.MAC]usage
	countC  mailbox[map[[6]byte]firewall.ProfileCounters]
}

func newViolations() violations {
	return violations{
		book: breach.NewBook(), packetC: newQueue[breach.Packet](breachQueue),
		countC: newMailbox[map[[6]byte]firewall.ProfileCounters](), usages: map[packet.MAC]usage{},
	}
}

// profileKernel is the firewall as far as it counts for descriptions.
type profileKernel interface {
	Profiles(ctx context.Context) (map[[6]byte]firewall.ProfileCounters, error)
}

// countBreaches adds the task that reads what the kernel counted.
func (a *Agent) countBreaches(k profileKernel) {
	v := &a.home.violations
	a.add("counters of descriptions", func(ctx context.Context) error {
		tick := time.NewTicker(breachInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			callCtx, cancel := context.WithTimeout(ctx, applyDeadline)
			counted, err := k.Profiles(callCtx)
			cancel()
			if err == nil { // else the enforcer, which reads the same tables, tells
				v.countC.put(counted)
			}
		}
	})
}

// violated takes a packet that the firewall logged, on the packet path.
func (v *violations) violated(p *packet.Packet) {
	if b, ok := breachOf(p); ok {
		v.packetC.put(b)
	}
}

// hearBreaches takes what the firewall logs of breaches. Other logs have these packets too, and count them.
func (h *home) hearBreaches(ctx context.Context, src capture.Source, _ *capture.Table, _ ...capture.Observer) error {
	return src.Run(ctx, h.violations.violated)
}

// breachOf reads whose description a packet breaks out of the word that the rule logged with it.
func breachOf(p *packet.Packet) (b breach.Packet, ok bool) {
	v, ok := firewall.ParseViolation(p.Word)
	if !ok || !p.IsIP() {
		return b, false
	}
	b = breach.Packet{
		Kind: breach.Kind{
			Device: v.MAC, Out: v.Direction == mud.FromDevice, Protocol: capture.Protocol(p.Proto), Port: p.DstPort,
		},
		Remote: p.Src, Passed: v.Mode == firewall.Watch, At: p.Time,
	}
	if b.Out {
		b.Remote = p.Dst
	}
	b.Party = b.Remote.String()
	return b, true
}

// heardOfBreach takes one on the loop.
func (h *home) heardOfBreach(p breach.Packet) {
	if len(h.violations.waiting) < maxThoughts {
		h.violations.waiting = append(h.violations.waiting, p)
	}
}

// judgeBreaches tells of those that nothing explained meanwhile.
func (h *home) judgeBreaches(now time.Time) {
	v := &h.violations
	n := 0
	for n < len(v.waiting) && now.Sub(v.waiting[n].At) >= secondThought {
		h.judgeBreach(v.waiting[n])
		n++
	}
	if v.waiting = v.waiting[n:]; len(v.waiting) == 0 {
		v.waiting = nil
	}
}

func (h *home) judgeBreach(p breach.Packet) {
	policy, held := h.heldTo(p.Device)
	if !held {
		return // it has no description any more
	}
	if h.learner != nil && h.learner.book.Late(namesFor(policy, p), p.Remote, p.At, secondThought) {
		h.violations.late++
		h.violations.early(p.Device)
		return
	}
	if n, ok := h.names.Lookup(p.Device, p.Remote); ok {
		p.Party = n.Name
	}
	h.place(&p)
	b, note := h.violations.book.Add(p)
	if b.Packets == 1 {
		delete(h.shownProfiles, p.Device)
	}
	switch note {
	case breach.Tell:
		h.suspect(b)
		policy, _ = h.shelf.Policy(p.Device) // with its names as DNS has them
		h.event(events.Event{
			Kind: events.MUD, Severity: events.Warning, Device: p.Device, Cause: "mud",
			Text: say.New("because", b.Sentence(h.nameOf(p.Device)), breach.Allowed(policy, p.Out)),
		})
	case breach.Flood:
		h.event(events.Event{
			Kind: events.MUD, Severity: events.Warning, Device: p.Device, Cause: "mud",
			Text: say.New("breach.flood", h.nameOf(p.Device)),
		})
	}
}

// namesFor are the names with one of which a packet would have been allowed: by its protocol, and the port it was sent to.
func namesFor(policy mud.Policy, p breach.Packet) (names []string) {
	rules := policy.To
	if p.Out {
		rules = policy.From
	}
	for _, r := range rules {
		port := r.LocalPort
		if p.Out {
			port = r.RemotePort
		}
		ofIt := r.Protocol == mud.AnyProtocol || r.Protocol == mud.Protocol(p.Protocol)
		if r.Drop || r.Held != "" || r.State == mud.Answers || !ofIt || !port.Has(p.Port) {
			continue
		}
		for _, e := range r.Remote {
			if e.Kind == mud.Name {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

// place finds out who the other side is. Who is on the internet is shown with the device, also where nothing of it passed.
func (h *home) place(p *breach.Packet) {
	p.Inside = h.inHome(p.Remote)
	d, known := h.registry.ByAddress(p.Remote)
	switch {
	case p.Inside && known:
		p.Party, p.Peer = d.Name, d.MAC
	case p.Inside || slices.Contains(h.net.RouterAddrs, p.Remote) || !p.Remote.IsGlobalUnicast():
	default:
		p.Owner = h.traffic.Meet(capture.Flow{
			Device: p.Device, Remote: p.Remote, Protocol: p.Protocol, Port: p.Port, Out: p.Out,
			Scope: capture.ScopeInternet, First: p.At, Last: p.At,
		})
	}
}

// refusedBy is how many packets of a device its description did not allow, by the kernel's count, less those that came
// before their name was known.
func (h *home) refusedBy(mac packet.MAC) uint64 {
	c := h.violations.counted[mac]
	n := c.RefusedFrom.Packets + c.RefusedTo.Packets
	return n - min(n, h.violations.usages[mac].early)
}
