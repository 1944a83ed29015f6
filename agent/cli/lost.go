package cli

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"

	"spinneret/openwrt/uci"
)

// lostAddresses are those of the page that this machine does not have: it had them once, or has them later. On a router
// they must not keep the agent from its work when it starts; a person who gives a wrong one to an agent that runs is told.
func lostAddresses(c uci.Config) []string {
	return stillLost(slices.Concat(c.Listen, c.ListenHTTPS))
}

func stillLost(addrs []string) (list []string) {
	for _, a := range addrs {
		host, _, err := net.SplitHostPort(a)
		if err != nil {
			continue
		}
		if addr, err := netip.ParseAddr(host); err == nil && !canListen(addr) {
			list = append(list, a)
		}
	}
	return list
}

// without is the page at its other addresses. Where there are none it is at this machine alone: whoever named
// addresses meant no others.
func without(c uci.Config, lost []string) uci.Config {
	if len(lost) == 0 {
		return c
	}
	gone := func(a string) bool { return slices.Contains(lost, a) }
	c.Listen = orDefault(slices.DeleteFunc(slices.Clone(c.Listen), gone), net.JoinHostPort("127.0.0.1", pagePort))
	c.ListenHTTPS = slices.DeleteFunc(slices.Clone(c.ListenHTTPS), gone)
	return c
}

func sayLost(log *slog.Logger, lost []string) {
	for _, a := range lost {
		log.Error("the page is not at " + a + ": this router has no such address now: see list listen in the settings")
	}
}
