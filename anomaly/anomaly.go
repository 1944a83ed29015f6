// Package anomaly scores what a device does against what it did before; it is pure: no clock, goroutine or I/O.
//
// Packets and flows come in, and once a second a Tick that judges what came. Packets tell who began and what was
// asked; flows tell what came of it, and how much. A router shows both only the first packets of a connection, a
// capture all of them: so nothing here counts packets of a connection that goes on, and both find the same.
package anomaly

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	// DefaultDevices is more than a home has, and 1 MB: a flood of made-up MACs displaces only itself.
	DefaultDevices = 256
	// DefaultLearning is how long a device is only learned: a day has a morning, an evening and a night.
	DefaultLearning = 24 * time.Hour
	// activeShare is the part of the learning time, in minutes of it, in which the device must have sent something:
	// 24 active minutes of a day. Who was there for a moment only is not known after a day.
	activeShare = 60
)

// Config is what a Detector is made of.
type Config struct {
	Devices  int           // limit, 0: DefaultDevices
	Learning time.Duration // before baselines count, 0: DefaultLearning, below: none; what is wild by itself is said at once
	Seed     uint64        // of the hashes, so that nobody outside can aim at them; a replay may leave it at 0
	Location *time.Location
	// Party names who is behind an address on the internet, as a device knows it. nil: the address.
	Party func(device packet.MAC, addr netip.Addr) string
}

// Detector watches the devices of one home. Any goroutine may call it.
type Detector struct {
	config Config

	mu         sync.Mutex
	devices    map[uint64]*device
	order      []*device // as they came
	evicted    uint64
	routers    []netip.Addr
	claims     map[netip.Addr]claim
	ledger     ledger
	answeredAt int64 // when the internet last answered anybody
	resumedAt  int64 // and since when it does without a pause
	last       int64 // the last tick, in nanoseconds since 1970; 0 before the first
	late       int64 // how much longer than usual the answers take to be known
	judged     int64 // flows that began until then
	parts      int   // parties that were asked for since the last tick
}

// New makes a Detector that knows no device.
func New(c Config) *Detector {
	if c.Devices <= 0 {
		c.Devices = DefaultDevices
	}
	if c.Learning == 0 {
		c.Learning = DefaultLearning
	}
	c.Learning = max(c.Learning, 0)
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.Party == nil {
		c.Party = func(_ packet.MAC, a netip.Addr) string { return a.String() }
	}
	return &Detector{
		config: c, devices: map[uint64]*device{}, claims: map[netip.Addr]claim{}, ledger: newLedger(),
	}
}

// SetRouter says which addresses are the router's: nobody else may claim them.
func (d *Detector) SetRouter(addrs []netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.routers = slices.Clone(addrs)
}

// Stores tells how full the detector is.
func (d *Detector) Stores() []capture.Store {
	d.mu.Lock()
	defer d.mu.Unlock()
	return []capture.Store{
		{Name: "baselines", Used: len(d.devices), Limit: d.config.Devices, Evicted: d.evicted},
		{Name: "findings", Used: len(d.ledger.all), Limit: maxFindings, Evicted: d.ledger.evicted},
	}
}
