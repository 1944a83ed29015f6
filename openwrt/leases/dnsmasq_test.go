package leases

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// dnsmasqConf makes dnsmasq a DHCP server for one device, with its files in the directory %[1]s.
const dnsmasqConf = `
port=0
interface=br-lan
bind-dynamic
dhcp-range=192.168.1.100,192.168.1.199,255.255.255.0,1h
dhcp-leasefile=%[1]s/leases
pid-file=%[1]s/pid
`

// TestParseReadsTheFileOfARealDnsmasq takes a lease with a real client from a real server.
func TestParseReadsTheFileOfARealDnsmasq(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	router, device := namespace(t, "router"), namespace(t, "device")
	run(t, ctx, router, fmt.Sprintf("ip link add br-lan type veth peer name eth0 netns /proc/%d/fd/%d", os.Getpid(), device.FD()))
	run(t, ctx, router, "ip addr add 192.168.1.1/24 dev br-lan")
	run(t, ctx, router, "ip link set br-lan up")
	run(t, ctx, device, "ip link set eth0 address 02:00:00:00:00:01 up")

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "conf"), fmt.Appendf(nil, dnsmasqConf, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	// As --no-daemon it stays the user that it is: in a user namespace it may not become another.
	server := router.Command(ctx, "dnsmasq", "--no-daemon", "--no-ping", "--conf-file="+filepath.Join(dir, "conf"))
	if err := router.Start(server); err != nil {
		t.Fatal(err)
	}
	// Killed by the end of the test; nothing to learn from how it ended.
	defer func() { cancel(); _ = server.Wait() }()
	run(t, ctx, device, "busybox udhcpc -i eth0 -n -q -f -t 20 -T 1 -s /bin/true -x hostname:front-door-cam")

	file, err := os.ReadFile(filepath.Join(dir, "leases"))
	if err != nil {
		t.Fatal(err)
	}
	list, skipped := Parse(file)
	if len(list) != 1 || skipped != 0 {
		t.Fatalf("%d leases and %d skipped of %q, want 1 and 0", len(list), skipped, file)
	}
	got := list[0]
	if got.Name != "front-door-cam" || got.MAC != [6]byte{2, 0, 0, 0, 0, 1} {
		t.Errorf("lease %+v is not the camera's", got)
	}
	if !netip.MustParsePrefix("192.168.1.0/24").Contains(got.Addr) {
		t.Errorf("address %v is not of the range", got.Addr)
	}
	if left := time.Until(got.Expires); left < 50*time.Minute || left > 61*time.Minute {
		t.Errorf("the lease ends in %v, want an hour", left)
	}
}

func namespace(t *testing.T, name string) *lab.NS {
	t.Helper()
	n, err := lab.NewNS(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func run(t *testing.T, ctx context.Context, n *lab.NS, command string) {
	t.Helper()
	words := strings.Fields(command)
	if _, err := n.Run(n.Command(ctx, words[0], words[1:]...)); err != nil {
		t.Fatal(err)
	}
}
