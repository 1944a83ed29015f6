package conntrack

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

// home is a device, a router with NAT and an internet with one server, each a namespace.
type home struct {
	device, router, internet *lab.NS
}

// wires are the lines for ip in each namespace: fd/3 is the router.
const (
	deviceWires = `link add eth0 type veth peer name lan netns /proc/self/fd/3
link set eth0 up
addr add 192.168.1.163/24 dev eth0
addr add 192.168.1.164/24 dev eth0
addr add 2001:db8:20::163/64 dev eth0 nodad
route add default via 192.168.1.1`
	internetWires = `link add eth0 type veth peer name wan netns /proc/self/fd/3
link set eth0 up
addr add 203.0.113.1/27 dev eth0
addr add 198.51.100.7/32 dev eth0
addr add 2001:db8:0:1::1/64 dev eth0 nodad
addr add 2001:db8:100::7/128 dev eth0 nodad`
	routerWires = `addr add 192.168.1.1/24 dev lan
addr add 2001:db8:20::1/64 dev lan nodad
addr add 203.0.113.20/27 dev wan
addr add 2001:db8:0:1::20/64 dev wan nodad
link set lan up
link set wan up
route add default via 203.0.113.1`
	defaults6 = "-6 route add default via %s"
)

// rules are NAT as OpenWrt has it, a port mapping to the device and its hairpin.
const rules = `table inet nat {
	chain dnats {
		type nat hook prerouting priority dstnat
		ip daddr 203.0.113.20 udp dport 8080 dnat ip to 192.168.1.163:80
	}
	chain snats {
		type nat hook postrouting priority srcnat
		ip saddr 192.168.1.0/24 ip daddr 192.168.1.0/24 masquerade
		oifname "wan" meta nfproto ipv4 masquerade
	}
}
`

func newHome(t testing.TB) *home {
	t.Helper()
	h := &home{newNS(t, "device"), newNS(t, "router"), newNS(t, "internet")}
	for _, n := range []*lab.NS{h.device, h.router, h.internet} {
		set(t, n, "net/ipv6/conf/default/accept_dad", "0") // nobody else has these addresses
	}
	ip(t, h.device, deviceWires, h.router)
	ip(t, h.internet, internetWires, h.router)
	ip(t, h.router, routerWires)
	run(t, h.router, "", "ip", strings.Fields(fmt.Sprintf(defaults6, "2001:db8:0:1::1"))...)
	run(t, h.device, "", "ip", strings.Fields(fmt.Sprintf(defaults6, "2001:db8:20::1"))...)
	run(t, h.internet, "", "ip", strings.Fields("-6 route add 2001:db8:20::/64 via 2001:db8:0:1::20")...)
	for _, s := range []string{"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"} {
		set(t, h.router, s, "1")
	}
	run(t, h.router, rules, "nft", "-f", "-")
	h.setup(t)
	return h
}

// setup switches accounting and events on, as the agent does.
func (h *home) setup(t testing.TB) (changed []string) {
	t.Helper()
	inside(t, h.router, func() (err error) { changed, err = Setup(t.Context()); return err })
	return changed
}

func newNS(t testing.TB, name string) *lab.NS {
	t.Helper()
	n, err := lab.NewNS(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// inside runs fn in a namespace.
func inside(t testing.TB, n *lab.NS, fn func() error) {
	t.Helper()
	if err := n.Do(fn); err != nil {
		t.Fatal(err)
	}
}

// set writes a setting of the namespace.
func set(t testing.TB, n *lab.NS, path, value string) {
	t.Helper()
	inside(t, n, func() error { return os.WriteFile("/proc/sys/"+path, []byte(value), 0) })
}

func ip(t testing.TB, n *lab.NS, lines string, peers ...*lab.NS) {
	t.Helper()
	cmd := n.Command(t.Context(), "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(lines + "\n")
	for _, p := range peers {
		inside(t, p, func() error {
			f, err := os.Open("/proc/thread-self/ns/net")
			cmd.ExtraFiles = append(cmd.ExtraFiles, f)
			return err
		})
	}
	if _, err := n.Run(cmd); err != nil {
		t.Fatal(err)
	}
	for _, f := range cmd.ExtraFiles {
		f.Close()
	}
}

func run(t testing.TB, n *lab.NS, stdin, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := n.Command(ctx, name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := n.Run(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// socketAt opens a UDP socket in a namespace.
func socketAt(t testing.TB, n *lab.NS, local string) *net.UDPConn {
	t.Helper()
	var c *net.UDPConn
	inside(t, n, func() (err error) {
		c, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(local)))
		return err
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// send sends datagrams of so many bytes to an address.
func send(t testing.TB, c *net.UDPConn, to string, packets, size int) {
	t.Helper()
	addr := netip.MustParseAddrPort(to)
	for range packets {
		if _, err := c.WriteToUDPAddrPort(make([]byte, size), addr); err != nil {
			t.Fatal(err)
		}
	}
}

// receive waits for so many datagrams and returns the sum of their IP bytes and the last sender.
func receive(t testing.TB, c *net.UDPConn, packets, header int) (bytes uint64, from netip.AddrPort) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2048)
	for i := range packets {
		n, sender, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("receive %d of %d: %v", i+1, packets, err)
		}
		bytes, from = bytes+uint64(n+header), sender
	}
	return bytes, from
}
