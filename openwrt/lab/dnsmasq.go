package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// dnsmasqConf is what OpenWrt's init script writes for a fresh router, with two differences. RAs come from
// here, not from odhcpd. And stop-dns-rebind is missing: dnsmasq counts the documentation addresses, which
// are all of this internet, as private ones.
const dnsmasqConf = `dhcp-leasefile=%[1]s
interface=%[2]s
bind-dynamic
no-hosts
no-resolv
server=%[3]s
server=%[4]s
domain-needed
localise-queries
expand-hosts
local=/lan/
domain=lan
cache-size=1000
edns-packet-max=1232
dhcp-authoritative
no-ping
dhcp-range=192.168.1.100,192.168.1.199,255.255.255.0,1h
dhcp-range=::100,::1ff,constructor:%[2]s,slaac,64,1h
enable-ra
ra-param=%[2]s,10
`

// startDNSmasq starts dnsmasq on the router and waits until it listens. As --no-daemon it stays the user that
// it is: in a user namespace it may not become another.
func (h *Home) startDNSmasq(ctx context.Context) error {
	conf := filepath.Join(h.dir.path, "dnsmasq.conf")
	text := fmt.Sprintf(dnsmasqConf, h.LeaseFile(), Bridge, resolver4, resolver6)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write dnsmasq's configuration: %w", err)
	}
	p, err := h.background(h.router, "dnsmasq", "--no-daemon", "--conf-file="+conf)
	if err != nil {
		return err
	}
	return poll(ctx, "dnsmasq listens", func() (bool, error) {
		if err := p.ended(); err != nil {
			return false, err
		}
		return h.router.listensDHCP()
	})
}

// listensDHCP says whether something in the namespace has UDP port 67.
func (n *NS) listensDHCP() (yes bool, err error) {
	err = n.Do(func() error {
		sockets, err := os.ReadFile("/proc/thread-self/net/udp")
		yes = strings.Contains(string(sockets), ":0043 ")
		return err
	})
	return yes, err
}
