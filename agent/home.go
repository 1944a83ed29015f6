package agent

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/agent/traffic"
	"spinneret/agent/tries"
	"spinneret/capture"
	"spinneret/capture/account"
	"spinneret/capture/dhcp"
	"spinneret/capture/packet"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/leases"
	"spinneret/openwrt/mappings"
	"spinneret/openwrt/neigh"
	"spinneret/openwrt/uci"
	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/stream"
)

const (
	// tick is how often the home looks for something new; every fourth tick it takes all counters.
	tick         = 250 * time.Millisecond
	fullTick     = 4
	commandQueue = 64
	pieceOfFlows = 128 // so many are taken out of the table at a time, 30 kB
	maxWords     = 16  // about what the kernel can do, until the home hears them
)

// home is the state of the home. Only the goroutine of its Run touches it; everybody else sends commands.
type home struct {
	options  Options
	log      *slog.Logger
	now      func() time.Time
	clockSet bool
	started  time.Time

	table *capture.Table
	ears
	recordings *recordings // nil in a replay
	registry   *registry.Registry
	events     *events.Log
	traffic    *traffic.Tracker
	detection
	hub    *stream.Hub
	herald *herald // nil where nobody is to be told

	commandC chan func()
	netC     mailbox[neigh.Snapshot]
	leaseC   mailbox[[]leases.Lease]
	brokenC  mailbox[struct{}] // our tables vanished

	snapshot    neigh.Snapshot // what net was made of
	net         neigh.Home
	prefixes    []netip.Prefix   // of the home, now and before
	ports       map[int32]string // names of interfaces
	leases      []leases.Lease
	flowsBuf    []capture.Flow
	devsBuf     []capture.Device
	silentBuf   []capture.Device
	dhcpBuf     []dhcp.Client
	levels      *capture.Levels
	abilities   capture.Abilities
	ableC       mailbox[account.Report] // a loss and its end, also where they come at once
	logC        mailbox[logWord]
	brokenLogs  map[string]logWord  // by name
	bridges     *bridges            // nil where nobody looks inside them
	bridgeTried capture.Ability     // to observe bridges
	limits      []string            // what the kernel cannot do for a quarantine
	accountant  *account.Accountant // nil where only packets are counted
	dumps       uint64              // of connections, by the last second
	uncounted   bool                // there was none in the last second
	archive     *archive
	finished    []capture.Flow // not yet in the archive
	corrections []correction   // of what is in the archive, not yet made
	endedC      chan struct{}  // closed once there is nothing more to hand in
	forwards    []mappings.Mapping
	forwardC    mailbox[[]mappings.Mapping]
	offload     uci.Offload
	offloadC    mailbox[uci.Offload]
	airwaves    *airwaves               // nil where there are no radios
	toldRadios  bool                    // of somebody to keep off
	radioWord   string                  // what the radios could not do
	newborn     map[packet.MAC]newcomer // heard of, not yet announced
	silenced    map[packet.MAC]bool     // erased, and not heard since
	erasures    int                     // of devices, by the owner
	floodTold   time.Time
	logins      *auth.Keeper // nil in a replay
	door        atomic.Pointer[door]
	pagePorts   []uint16
	shut        []Shut                    // doors of the page
	witnesses   map[string]*witness       // by order
	contested   map[packet.MAC]bool       // told of
	alike       map[packet.MAC]packet.MAC // which one a device may have been before
	returning   bool                      // an earlier run left word of the devices
	dirty       bool                      // something to tell browsers before the next full tick
	onShow      bool                      // the home, to browsers, not longer ago than a full tick
	keeper      *keeper                   // nil in a replay
	unsaved     bool                      // devices changed since they were written down
	ownerSaid   bool                      // and the owner did it
	savedAt     time.Time
	ticks       int
	missingSaid string
	lastTick    time.Time
	uptime      func() time.Duration // whatever the clock shows
	lastUptime  time.Duration
	isClockSet  func(time.Time) bool

	quarantine
	dotsHome
	profiles
	parties
	violations violations
	tries      tries.Book
}

// quarantine is what was decided and how far the kernel is with it.
type quarantine struct {
	enforcer   *enforcer // nil in a replay
	book       *decide.Book
	queue      []change
	trial      *decide.Book // what is being applied, nil while nothing is
	trying     *change      // whose book that is; nil where it is for another reason than an order
	round      int
	saveFailed bool
	lastSaved  *savedQuarantines // nil: nothing
	expiring   bool
	stale      bool // the desired state changed for another reason than an order
	counters   firewall.Counters
	wasRead    bool   // and not only what earlier runs counted
	state      string // pending, applied, failed
	stateAt    time.Time
	lastErr    string
}

func newHome(o Options, log *slog.Logger) *home {
	h := &home{
		options: o, log: log, now: o.Now, clockSet: true,
		table:     capture.NewTable(capture.Limits{Flows: o.Flows, Devices: o.Devices}),
		ears:      newEars(o.Devices),
		registry:  registry.New(o.Devices),
		events:    events.NewLog(),
		archive:   newArchive(o.HistorySize),
		endedC:    make(chan struct{}),
		commandC:  make(chan func(), commandQueue),
		netC:      newMailbox[neigh.Snapshot](),
		leaseC:    newMailbox[[]leases.Lease](),
		brokenC:   newMailbox[struct{}](),
		forwardC:  newMailbox[[]mappings.Mapping](),
		offloadC:  newMailbox[uci.Offload](),
		ableC:     newQueue[account.Report](maxWords),
		logC:      newQueue[logWord](maxWords),
		levels:    capture.NewLevels(o.MaxLevel),
		flowsBuf:  make([]capture.Flow, 0, pieceOfFlows),
		newborn:   map[packet.MAC]newcomer{},
		witnesses: map[string]*witness{},
		contested: map[packet.MAC]bool{},
		silenced:  map[packet.MAC]bool{},

		brokenLogs:  map[string]logWord{},
		bridgeTried: capture.Ability{Why: "not tried yet"},
	}
	h.dotsHome = newDotsHome(h.archive)
	h.shelf, h.shownProfiles, h.served = shelf.New(rand.Float64), map[packet.MAC]shownProfile{}, map[packet.MAC]string{}
	h.parties, h.violations = newParties(), newViolations()
	h.traffic = traffic.New(h.name)
	h.detection = newDetection(o, h.party)
	h.table.KeepFinished(o.Flows) // all may end at once, with the way out
	h.book, h.state = &decide.Book{}, "pending"
	h.hub = h.newHub()
	h.started = h.now()
	h.lastTick = h.started
	began := time.Now()
	h.uptime, h.isClockSet = func() time.Duration { return time.Since(began) }, clockSet
	return h
}

// Run owns the state until ctx ends.
func (h *home) Run(ctx context.Context) error {
	defer h.endHistory()
	defer h.lastParties()
	defer h.lastDrops()
	defer h.lastDevices()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	outcomeC, countC := h.enforcerChannels()
	for {
		select {
		case <-ctx.Done():
			return nil
		case command := <-h.commandC:
			command()
		case s := <-h.netC:
			h.netChanged(s)
		case l := <-h.leaseC:
			h.leasesChanged(l)
		case r := <-h.ableC:
			h.ableTo(r)
		case w := <-h.logC:
			h.heardOfLog(w)
		case w := <-h.bridgeWords():
			h.heardOfBridges(w)
		case l := <-h.forwardC:
			h.forwards, h.dirty = l, true
		case h.offload = <-h.offloadC:
		case s := <-h.handInC():
			h.handIn(s)
		case w := <-h.radioWords():
			h.radioWord = w
		case p := <-h.violations.packetC:
			h.heardOfBreach(p)
		case c := <-h.violations.countC:
			h.violations.count(h.now(), c)
		case name := <-h.taughtNames():
			h.taughtWhole(name)
		case <-h.brokenC:
			h.rulesVanished()
		case d := <-h.fetchedC():
			h.fetched(d)
		case <-h.petitions.wakeC:
			h.hearProviders()
		case s := <-h.searcher.foundC:
			h.found(s)
		case r := <-h.refusalC:
			h.turnedDown(r)
		case l := <-h.sessionC:
			h.sessionsChanged(l)
		case o := <-outcomeC:
			h.settle(o)
		case c := <-countC:
			h.counted(c)
		case <-h.table.NewDeviceC():
			h.dirty = true
		case <-ticker.C:
			h.tick()
		}
	}
}

// do runs fn on the home's goroutine and waits for it. Where ctx ends before fn began it never will: what it writes
// to is its caller's.
func (h *home) do(ctx context.Context, fn func()) error {
	var taken atomic.Bool
	done := make(chan struct{})
	command := func() {
		if taken.CompareAndSwap(false, true) {
			fn()
		}
		close(done)
	}
	select {
	case h.commandC <- command:
	case <-ctx.Done():
		return busy()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	if taken.CompareAndSwap(false, true) {
		return busy()
	}
	<-done // it runs now, which takes no time
	return nil
}

func busy() error {
	return &ui.Problem{Status: 503, Code: "busy", Title: "Busy", Detail: "the agent did not answer in time: try again"}
}
