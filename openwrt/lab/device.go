package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Device is one of the home's: a network stack of its own on a port of the router's bridge.
type Device struct {
	Name string
	MAC  string // as it was built, in lower case with colons
	Port string // the router's end of its cable
	NS   *NS

	spec Spec
	home *Home
	dhcp *process // of whoever joins or changes its MAC, one at a time

	mu     sync.Mutex
	cancel context.CancelFunc // nil while it keeps quiet
	habits sync.WaitGroup
}

// Habit is something that a device does until ctx ends. When it returns earlier it is started again a second
// later; an error is only worth a line in the log, as the network may well be cut.
type Habit func(ctx context.Context, d *Device) error

const habitPause = time.Second

// Start lets the device follow its habits. A device that does so already is left alone.
func (d *Device) Start() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cancel != nil || d.home.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(d.home.ctx)
	d.cancel = cancel
	for _, habit := range d.spec.Habits {
		d.habits.Go(func() { d.follow(ctx, habit) })
	}
}

// Stop ends the device's habits and waits for them. Its addresses stay.
func (d *Device) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cancel == nil {
		return
	}
	d.cancel()
	d.habits.Wait()
	d.cancel = nil
}

// follow repeats one habit until ctx ends.
func (d *Device) follow(ctx context.Context, habit Habit) {
	for ctx.Err() == nil {
		if err := habit(ctx, d); err != nil && ctx.Err() == nil {
			d.home.log.Debug("habit broken off", "device", d.Name, "error", err)
		}
		pause(ctx, habitPause)
	}
}

// IPv4 returns the address that the device has from DHCP, or the zero Addr.
func (d *Device) IPv4() netip.Addr {
	for _, a := range d.Addrs() {
		if a.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

// IPv6 returns the lasting address with which the device reaches the internet, or the zero Addr.
func (d *Device) IPv6() netip.Addr {
	list, _ := d.NS.addrs6(nic)
	for _, a := range list {
		if a.flags&(flagTentative|flagTemporary) == 0 && lanRouter6.Contains(a.addr) {
			return a.addr
		}
	}
	return netip.Addr{}
}

// Addrs returns all addresses of the device that can be used now: IPv4, then IPv6 with the link-local one.
func (d *Device) Addrs() []netip.Addr {
	out, _ := d.NS.addrs4(nic)
	list, _ := d.NS.addrs6(nic)
	for _, a := range list {
		if a.flags&flagTentative == 0 {
			out = append(out, a.addr)
		}
	}
	return out
}

// CurrentMAC returns the MAC that the device has now, or its first one where that cannot be read.
func (d *Device) CurrentMAC() MAC {
	mac := ParseMAC(d.MAC)
	_ = d.NS.Do(func() error { // closed: nobody has it any more
		i, err := net.InterfaceByName(nic)
		if err == nil {
			copy(mac[:], i.HardwareAddr)
		}
		return err
	})
	return mac
}

// connect brings up the cable. The device says nothing yet: the bridge must have a carrier before dnsmasq
// answers on it, and a router solicitation without an answer costs a second.
func (d *Device) connect(ctx context.Context, wire bool) error {
	lines := append(wireLines(wire, nic), "link set "+nic+" up")
	if err := d.NS.batch(ctx, lines); err != nil {
		return fmt.Errorf("connect %s: %w", d.Name, err)
	}
	return nil
}

// join starts IPv6 and the DHCP client and waits for both kinds of addresses.
func (d *Device) join(ctx context.Context) error {
	if err := d.NS.set(sysctl{"net.ipv6.conf." + nic + ".disable_ipv6", "0"}); err != nil {
		return err
	}
	return d.getAddresses(ctx)
}

// getAddresses starts the DHCP client and waits until the device is online.
func (d *Device) getAddresses(ctx context.Context) (err error) {
	if d.dhcp, err = d.startDHCP(); err != nil {
		return err
	}
	err = poll(ctx, d.Name+" has its addresses", func() (bool, error) {
		return d.online(), d.dhcp.ended()
	})
	if err != nil {
		return fmt.Errorf("%w: it has %v: %s", err, d.Addrs(), d.dhcp.tail.String())
	}
	return nil
}

// online says whether the device has both kinds of addresses and a route out for each.
func (d *Device) online() bool {
	return d.IPv4().IsValid() && d.IPv6().IsValid() && d.NS.routes(resolver4) && d.NS.routes(resolver6)
}

// routes says whether the stack knows a way to an address. Connecting a datagram socket sends nothing.
func (n *NS) routes(to netip.Addr) bool {
	c, err := n.Dial(context.Background(), "udp", netip.AddrPortFrom(to, portDNS))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// prepare sets how the device's stack is to behave, before it has a cable.
func (d *Device) prepare(dad bool) error {
	settings := []sysctl{
		{"net.ipv6.conf.default.disable_ipv6", "1"}, // until join
		{"net.ipv6.conf.default.router_solicitation_delay", "0"},
		{"net.ipv6.conf.default.router_solicitation_interval", "1"},
	}
	if !dad {
		settings = append(settings, sysctl{"net.ipv6.conf.default.accept_dad", "0"})
	}
	if seconds := int(d.spec.TempAddrs / time.Second); seconds > 0 {
		settings = append(settings,
			sysctl{"net.ipv6.conf.default.use_tempaddr", "2"},
			sysctl{"net.ipv6.conf.default.temp_prefered_lft", strconv.Itoa(seconds)},
			sysctl{"net.ipv6.conf.default.temp_valid_lft", strconv.Itoa(3 * seconds)},
			sysctl{"net.ipv6.conf.default.max_desync_factor", "0"})
	}
	return d.NS.set(settings...)
}

// pause waits for t or the end of ctx and says whether ctx goes on.
func pause(ctx context.Context, t time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(t):
		return true
	}
}
