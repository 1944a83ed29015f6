package lab

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed fw4.nft
var fw4 string

// buildRouter makes the router between the devices and the internet: bridge, cables, addresses, forwarding
// and the firewall.
func buildRouter(ctx context.Context, router, internet *NS, devices []*Device, o Options) error {
	if err := router.set(
		sysctl{"net.ipv6.conf.default.accept_dad", "0"}, // nobody else has these addresses
		sysctl{"net.ipv6.conf.default.accept_ra", "0"},
	); err != nil {
		return err
	}
	peers := []*NS{internet}
	for _, d := range devices {
		peers = append(peers, d.NS)
	}
	lines := append(routerLinks(devices), wireLines(o.Wire, Bridge, WAN)...)
	if err := router.batch(ctx, lines, peers...); err != nil {
		return fmt.Errorf("build router: %w", err)
	}
	if err := routerSysctls(router, o.BridgeNF); err != nil {
		return fmt.Errorf("build router: %w", err)
	}
	if err := router.NFT(ctx, fw4); err != nil {
		return fmt.Errorf("load firewall of the router: %w", err)
	}
	return nil
}

// NFT loads a script of nft: all of it or nothing.
func (n *NS) NFT(ctx context.Context, script string) error {
	cmd := n.Command(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	_, err := n.Run(cmd)
	return err
}

// routerLinks are the lines for ip: peer 0 is the internet, the others are the devices in their order.
func routerLinks(devices []*Device) []string {
	lines := []string{
		"link add " + Bridge + " address " + macRouter + " type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
		"link add " + WAN + " address " + macWAN + " type veth peer name " + uplink + " address " + macProvider + " netns " + peerPath(0),
	}
	for i, d := range devices {
		// A port has no addresses of its own, so it must not send as if it had.
		lines = append(lines,
			fmt.Sprintf("link add %s address "+macPort+" type veth peer name %s address %s netns %s",
				portName(i), i+1, nic, d.MAC, peerPath(i+1)),
			fmt.Sprintf("link set %s addrgenmode none master %s up", portName(i), Bridge))
	}
	for _, a := range []any{lanRouter4, lanRouterUL, lanRouter6} {
		lines = append(lines, fmt.Sprintf("addr add %s dev %s", a, Bridge))
	}
	return append(lines,
		fmt.Sprintf("addr add %s dev %s", wanRouter4, WAN),
		fmt.Sprintf("addr add %s dev %s", wanRouter6, WAN),
		"link set "+Bridge+" up",
		"link set "+WAN+" up",
		fmt.Sprintf("route add default via %s", wanProvider4.Addr()),
		fmt.Sprintf("route add default via %s", wanProvider6.Addr()),
	)
}

// routerSysctls sets what OpenWrt sets, most of all that bridged frames stay out of the inet tables. Kernels
// without br_netfilter do not know the switches, and then it is so anyway.
func routerSysctls(router *NS, bridgeNF bool) error {
	nf := "0"
	if bridgeNF {
		nf = "1"
	}
	bridge := []sysctl{
		{"net.bridge.bridge-nf-call-iptables", nf},
		{"net.bridge.bridge-nf-call-ip6tables", nf},
		{"net.bridge.bridge-nf-call-arptables", nf},
	}
	apply := router.setIfThere
	if bridgeNF {
		apply = router.set
	}
	if err := apply(bridge...); err != nil {
		return err
	}
	return router.set(
		sysctl{"net.ipv4.ip_forward", "1"},
		sysctl{"net.ipv6.conf.all.forwarding", "1"},
		sysctl{"net.netfilter.nf_conntrack_acct", "1"},
		sysctl{"net.netfilter.nf_conntrack_tcp_timeout_established", "7440"},
		sysctl{"net.netfilter.nf_conntrack_udp_timeout", "60"},
		sysctl{"net.netfilter.nf_conntrack_udp_timeout_stream", "180"},
	)
}
