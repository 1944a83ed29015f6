package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"spinneret/agent/state"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/neigh"
	"spinneret/openwrt/ubus"
	"spinneret/openwrt/uci"
)

// Our nflog groups, away from the low numbers that other programs take by default.
const (
	packetGroup = 1711
	dnsGroup    = 1712
	looseGroup  = 1713
	insideGroup = 1714
	mudGroup    = 1715
	holdGroup   = 1716
	triedGroup  = 1717

	// packetRate limits what nflog tells: at about 3 µs a packet this is 3 % of a core.
	packetRate = 10000
)

// Open makes a live agent: it binds to nflog and nftables. The home's interfaces must be there.
func Open(ctx context.Context, o Options, log *slog.Logger) (*Agent, error) {
	snapshot, err := neigh.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the network interfaces: %w", err)
	}
	if err := canWatch(snapshot, o.LAN, o.WAN); err != nil {
		return nil, err
	}
	dir, err := state.Open(o.StateDir)
	if err != nil {
		return nil, err
	}
	o.Log = firewall.Log{Group: packetGroup, DNSGroup: dnsGroup, LooseGroup: looseGroup, Inside: insideGroup, Tried: triedGroup, Mud: mudGroup, Hold: holdGroup, Rate: packetRate}
	o.BlindSpots = append(o.BlindSpots, blindSpots()...)
	logs := newLogs(log, o.MaxLevel)
	if err := openLogs(logs); err != nil {
		return nil, err
	}
	fw, err := firewall.Open(firewall.Options{Log: log.With("room", "firewall")})
	if err != nil {
		return nil, errors.Join(err, closeLogs(logs))
	}
	a, err := newAgent(o, log)
	if err != nil {
		return nil, errors.Join(err, closeLogs(logs))
	}
	a.home.clockSet = clockSet(a.home.now())
	a.announce()
	a.learnNames(fw)
	a.countBreaches(fw)
	a.watchLogs(logs)
	a.enforce(fw, dir)
	a.home.checkFirmware(dir, uci.OpenWrtRelease, restoredMark)
	a.account()
	a.lookInside(fw)
	a.fetchProfiles(dir)
	a.keepLogins(dir)
	a.keepHistory(o)
	a.follow(snapshot)
	a.callProviders()
	return a, nil
}

// canWatch says what is wrong with the interfaces that are to be watched.
func canWatch(s neigh.Snapshot, lan, wan []string) error {
	_, err := s.Home(lan, wan)
	var gone *neigh.MissingError
	if errors.As(err, &gone) && gone.Role == "wan" {
		return nil // what dials in comes and goes
	}
	if errors.Is(err, neigh.ErrNoLAN) {
		return errors.New("no LAN interface is known: add: list lan 'br-lan'")
	}
	return err
}

// announce lets other programs of the router know of events.
func (a *Agent) announce() {
	if !haveHeralds() {
		return
	}
	h := a.home
	h.herald = newHerald(ubus.New("", 0), ubus.NewHotplug("", "", "spinneret"), a.log)
	h.options.Losses = append(h.options.Losses, Losing{"events for other programs", h.herald.lost.Load})
	a.add("herald", h.herald.Run)
}

// enforce lets the home's decisions reach the kernel.
func (a *Agent) enforce(fw *firewall.Firewall, dir state.Dir) {
	h := a.home
	files := newSaver(dir)
	h.enforcer = newEnforcer(fw, func(s *savedQuarantines) error { return files.save(quarantineFile, s, s.erasures) }, a.log.With("room", "firewall"))
	h.enforcer.before = h.learner.stayAwake
	h.keeper = newKeeper(dir, h.endedC, a.log)
	h.adoptDevices(dir)
	h.adopt(dir)
	if h.lastSaved != nil {
		h.enforcer.written = h.lastSaved
		fw.Continue(h.counters.Quarantines)
	}
	h.adoptParties(dir)
	h.adoptRequests(dir)
	h.adoptHabits(dir)
	a.add("keeper", h.keeper.Run)
	a.add("enforcer", h.enforcer.Run)
	if haveRadios() {
		h.airwaves = newAirwaves(a.log, h.now)
		a.add("radios", h.airwaves.Run)
	}
	a.add("firewall watch", func(ctx context.Context) error {
		return fw.Watch(ctx, func() { h.brokenC.put(struct{}{}) })
	})
}

// follow lets the home know of links, neighbours and leases.
func (a *Agent) follow(first neigh.Snapshot) {
	h := a.home
	h.netC.put(first)
	a.add("neighbours", func(ctx context.Context) error { return neigh.Watch(ctx, h.netC.put) })
	a.leases = newSwap(h.followLeases(h.options.Leases))
	a.add("leases", a.leases.Run)
	a.add("port mappings", followForwards(leasesOfUPnP, a.log, h.forwardC.put))
	a.add("flow offloading", followOffload(uci.FirewallFile, a.log, h.offloadC.put))
}
