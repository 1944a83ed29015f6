package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	"spinneret/openwrt/ubus"
	"spinneret/openwrt/uci"
)

// router knows what the settings leave to OpenWrt: which kernel interfaces its networks are, and where in the home
// the page can be.
type router struct {
	release   string // a file that only OpenWrt has
	networks  func(context.Context) ([]ubus.Network, error)
	addresses func(device string) []netip.Addr
}

func thisRouter() router {
	return router{uci.OpenWrtRelease, ubus.New("", 0).Networks, deviceAddresses}
}

func (r router) isOpenWrt() bool {
	_, err := os.Stat(r.release)
	return err == nil
}

// complete puts kernel interfaces in the place of networks, and finds those that the settings do not name. Outside
// OpenWrt it changes nothing.
func (r router) complete(ctx context.Context, c *uci.Config) error {
	if !r.isOpenWrt() {
		return nil
	}
	networks, err := r.networks(ctx)
	if err != nil && len(c.LAN) == 0 {
		return fmt.Errorf("%w: or name the home's interface: list lan 'br-lan'", err)
	}
	if err == nil {
		if c.LAN = devices(networks, orDefault(c.LAN, "lan")); len(c.LAN) == 0 {
			return errors.New("the network lan has no interface now: bring it up, or name another: list lan 'br-lan'")
		}
		c.WAN = outside(networks, c.WAN, c.LAN)
		c.PageFrom = devices(networks, c.PageFrom)
	}
	switch {
	case len(c.Listen) > 0:
	case c.Auth:
		c.Listen = r.listen(c.LAN)
	default: // without a login nobody in the home may reach the page: the agent would not start
		c.Listen = r.listen(nil)
	}
	return nil
}

func orDefault(list []string, usual ...string) []string {
	if len(list) > 0 {
		return list
	}
	return usual
}

// devices are the kernel interfaces of those names, each once. A name that is no network is the kernel's own; a
// network that is down has none.
func devices(networks []ubus.Network, names []string) (list []string) {
	for _, name := range names {
		device := name
		if i := slices.IndexFunc(networks, func(n ubus.Network) bool { return n.Name == name }); i >= 0 {
			device = networks[i].Device
		}
		if device != "" && !slices.Contains(list, device) {
			list = append(list, device)
		}
	}
	return list
}

// outside are the kernel interfaces towards the internet. Where none are named: wan, wan6, and what holds a default
// route; none at all is for the kernel's routes to say.
func outside(networks []ubus.Network, names, lan []string) []string {
	if len(names) > 0 {
		return devices(networks, names)
	}
	for _, n := range networks {
		if n.Default || n.Name == "wan" || n.Name == "wan6" {
			names = append(names, n.Name)
		}
	}
	return slices.DeleteFunc(devices(networks, names), func(d string) bool { return slices.Contains(lan, d) })
}

// listen is the page's port at each of the router's addresses in the home; where it has none yet, at its own.
func (r router) listen(lan []string) (list []string) {
	for _, device := range lan {
		for _, a := range r.addresses(device) {
			list = append(list, net.JoinHostPort(a.String(), pagePort))
		}
	}
	slices.Sort(list)
	return orDefault(slices.Compact(list), net.JoinHostPort("127.0.0.1", pagePort))
}

// deviceAddresses are the addresses of an interface that can be listened at: not those that the kernel still tries
// whether another machine has them (RFC 4862 section 5.4), and none that need the name of the link.
func deviceAddresses(device string) (list []netip.Addr) {
	link, err := net.InterfaceByName(device)
	if err != nil {
		return nil
	}
	addrs, err := link.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		ip, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		addr, ok := netip.AddrFromSlice(ip.IP)
		if addr = addr.Unmap(); ok && !addr.IsLinkLocalUnicast() && canListen(addr) {
			list = append(list, addr)
		}
	}
	return list
}

func canListen(addr netip.Addr) bool {
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
