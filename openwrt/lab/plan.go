package lab

import (
	"fmt"
	"net/netip"
)

// The names of the router's interfaces, as OpenWrt has them.
const (
	Bridge = "br-lan" // the LAN; its ports are lan1, lan2 … in the order of the devices
	WAN    = "wan"
	port   = "lan%d"
	nic    = "eth0"  // of every device
	uplink = "home0" // the provider's end of the cable to the home
)

// The address plan. The internet has documentation addresses only (RFC 5737, RFC 3849), and none of
// 192.0.2.0/24, which build machines are known to use.
var (
	lanRouter4  = netip.MustParsePrefix("192.168.1.1/24")
	lanRouterUL = netip.MustParsePrefix("fd00:1::1/64")
	lanRouter6  = netip.MustParsePrefix("2001:db8:20::1/64") // from the prefix that the provider routes here

	wanRouter4   = netip.MustParsePrefix("203.0.113.20/27")
	wanRouter6   = netip.MustParsePrefix("2001:db8:0:1::20/64")
	wanProvider4 = netip.MustParsePrefix("203.0.113.1/27")
	wanProvider6 = netip.MustParsePrefix("2001:db8:0:1::1/64")

	// Every address of these is the internet's own: whatever a device invents there, something answers.
	internetPrefixes = []netip.Prefix{
		netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.128/25"),
		netip.MustParsePrefix("2001:db8:100::/40"),
	}

	resolver4 = netip.MustParseAddr("198.51.100.53")
	resolver6 = netip.MustParseAddr("2001:db8:100::53")
)

// MACs are locally administered and the same in every home, so that what was seen once is found again.
const (
	macDevice   = "02:00:00:00:00:%02x"
	macRouter   = "02:00:00:00:01:01"
	macWAN      = "02:00:00:00:01:02"
	macProvider = "02:00:00:00:02:01"
	macPort     = "02:00:00:00:03:%02x"
)

// maxDevices is what the MACs above and the router's address pool have room for.
const maxDevices = 64

func deviceMAC(i int) string { return fmt.Sprintf(macDevice, i+1) }
func portName(i int) string  { return fmt.Sprintf(port, i+1) }
