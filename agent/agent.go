// Package agent is the running program: it owns the state of the home and wires every room together.
package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"spinneret/agent/decide"
	"spinneret/capture/oui"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
	"spinneret/ui/page"
)

// Options is what an agent is made of.
type Options struct {
	Version    string
	LAN        []string        // kernel interfaces
	WAN        []string        // empty: whatever holds a default route
	StateDir   string          // where what must survive a reboot is kept; a replay keeps nothing
	MaxLevel   int             // the highest capability level to use (0 to 3)
	Leases     string          // dnsmasq's lease file, "" for none
	Odhcpd     []string        // odhcpd's lease files, which only OpenWrt has
	Learning   time.Duration   // how long a device is watched before its habits count, 0: a day, below: not at all
	Actions    []decide.Action // what to do about findings; none: tell
	NewDevices string          // what to do about devices never seen before: allow, tell or hold
	PageFrom   []string        // interfaces beside the LAN that may open the page

	Providers     []Provider    // who may ask to stop an attack
	ProviderGrace time.Duration // how long what they asked for stays after they took it back, 0 for what RFC 9132 says

	MUD MUDOptions

	Names map[[6]byte]string // that the owner gave to devices in the router's settings

	Log     firewall.Log
	Flows   int // limit of the flow table
	Devices int // limit of the device registry

	HistorySize int    // bytes of memory, 0 for history.DefaultBudget
	HistoryPath string // a file to keep it in, "" for none

	Doors
	BlindSpots []string // what this agent knows that it cannot see
	Losses     []Losing
	Now        func() time.Time // nil: the clock
	Recorded   bool             // what is watched was recorded: the same is found in it each time
}

// Losing is an input that counts what it could not deliver.
type Losing struct {
	Name string
	Lost func() uint64
}

// Limits of Flows and Devices that are left at 0, for a home router with 128 MB: a flow takes about 200 bytes, a device about 1 kB.
const (
	DefaultFlows   = 16384
	DefaultDevices = 1024
)

func (o *Options) setDefaults() {
	if o.Flows == 0 {
		o.Flows = DefaultFlows
	}
	if o.Devices == 0 {
		o.Devices = DefaultDevices
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = Version()
	}
}

// Task is one of the things that the agent does at the same time: it runs until ctx ends, which is no error.
type Task struct {
	Name string
	Run  func(ctx context.Context) error
}

// Agent is one running program.
type Agent struct {
	home   *home
	log    *slog.Logger
	page   ui.Page
	doors  swap
	leases swap
	calls  swap
	tasks  []Task
}

// newAgent makes the tasks that a live agent and a replay share: the home and its doors.
func newAgent(o Options, log *slog.Logger) (*Agent, error) {
	o.setDefaults()
	pageFiles, err := page.Handler()
	if err != nil {
		return nil, err
	}
	h := newHome(o, log)
	a := &Agent{home: h, log: log, page: pageFiles}
	a.add("home", h.Run)
	if len(o.Listeners) > 0 {
		a.doors = newSwap(h.through(func() (Doors, error) { return o.Doors, nil }, a.page))
		a.add("doors", a.doors.Run)
	}
	return a, nil
}

func (a *Agent) add(name string, run func(context.Context) error) {
	a.tasks = append(a.tasks, Task{name, run})
}

// Run does all tasks until ctx ends or one fails; the first failure ends them all and is returned.
func (a *Agent) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range a.tasks {
		group.Go(func() error {
			if err := t.Run(ctx); err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// blindSpots names what this machine hides from us, as far as a look at its settings tells.
func blindSpots() []string {
	var spots []string
	if setting, err := os.ReadFile("/proc/sys/net/bridge/bridge-nf-call-iptables"); err == nil && string(setting) == "1\n" {
		spots = append(spots, // a phrase of capture/say
			"bridged packets pass the IP firewall too (net.bridge.bridge-nf-call-iptables is 1, Docker sets it): set it to 0 unless something needs it")
	}
	if err := oui.Check(); err != nil {
		spots = append(spots, fmt.Sprintf("makers of devices are not known (%v): install spinneret again", err))
	}
	return spots
}
