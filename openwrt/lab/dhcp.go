package lab

import (
	"fmt"
	"os"
	"path/filepath"
)

// dhcpScript is what udhcpc calls. It leaves IPv6 alone, and IPv4 too where nothing changed, so that
// connections outlive a renewal.
const dhcpScript = `#!/bin/sh
case "$1" in
bound | renew)
	if ! ip -4 -o addr show dev "$interface" | grep -q " $ip/"; then
		ip -4 addr flush dev "$interface"
		ip -4 addr add "$ip/$mask" dev "$interface"
	fi
	ip -4 route replace default via "${router%% *}"
	;;
esac
`

func (h *Home) dhcpScript() string { return filepath.Join(h.dir.path, "udhcpc.sh") }

func (h *Home) writeDHCPScript() error {
	if err := os.WriteFile(h.dhcpScript(), []byte(dhcpScript), 0o755); err != nil {
		return fmt.Errorf("write udhcpc's script: %w", err)
	}
	return nil
}

// startDHCP starts the device's DHCP client, which stays to renew its lease.
func (d *Device) startDHCP() (*process, error) {
	args := []string{
		"udhcpc", "-f", "-i", nic, "-t", "20", "-T", "1", "-A", "1",
		"-s", d.home.dhcpScript(), "-x", "hostname:" + d.Name,
	}
	if d.spec.Class != "" {
		args = append(args, "-V", d.spec.Class)
	}
	for _, option := range d.spec.Ask {
		args = append(args, "-O", option)
	}
	return d.home.background(d.NS, "busybox", args...)
}
