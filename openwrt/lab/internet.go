package lab

import (
	"context"
	"fmt"
)

// buildInternet configures the far side once its cable is there: the provider's router, and all of the
// documentation addresses at once, so that servers listen on any of them without each being configured.
func buildInternet(ctx context.Context, internet *NS, wire bool) error {
	if err := internet.set(
		sysctl{"net.ipv6.conf.default.accept_dad", "0"},
		sysctl{"net.ipv6.conf.all.accept_dad", "0"},
		sysctl{"net.ipv6.conf." + uplink + ".accept_dad", "0"},
		sysctl{"net.ipv6.ip_nonlocal_bind", "1"}, // answer from any address by UDP
	); err != nil {
		return fmt.Errorf("build internet: %w", err)
	}
	lines := []string{
		fmt.Sprintf("addr add %s dev %s", wanProvider4, uplink),
		fmt.Sprintf("addr add %s dev %s", wanProvider6, uplink),
		"link set " + uplink + " up",
		fmt.Sprintf("route add %s via %s", lanRouter6.Masked(), wanRouter6.Addr()),
	}
	for _, p := range internetPrefixes {
		lines = append(lines, fmt.Sprintf("route add local %s dev lo", p))
	}
	lines = append(lines, wireLines(wire, uplink)...)
	if err := internet.batch(ctx, lines); err != nil {
		return fmt.Errorf("build internet: %w", err)
	}
	return nil
}
