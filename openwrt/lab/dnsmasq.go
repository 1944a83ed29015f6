package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// dnsmasqConf is what OpenWrt's init script writes for a fresh router, with two differences. RAs come from
// here, not from odhcpd. And stop-dns-rebind is missing: dnsmasq counts the documentation addresses, which
// are all of this internet, as private ones.
const dnsmasqConf = `user=root
group=root
pid-file=%[1]s
dhcp-leasefile=%[2]s
interface=%[3]s
bind-dynamic
no-hosts
no-resolv
server=%[4]s
server=%[5]s
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
dhcp-range=::100,::1ff,constructor:%[3]s,slaac,64,1h
enable-ra
ra-param=%[3]s,10
`

// startDNSmasq starts dnsmasq on the router and waits until it has its sockets.
func (h *Home) startDNSmasq(ctx context.Context) error {
	conf, pid := filepath.Join(h.dir, "dnsmasq.conf"), filepath.Join(h.dir, "dnsmasq.pid")
	text := fmt.Sprintf(dnsmasqConf, pid, h.LeaseFile(), Bridge, resolver4, resolver6)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write dnsmasq's configuration: %w", err)
	}
	p, err := h.background(h.router, "dnsmasq", "--keep-in-foreground", "--log-facility=-", "--conf-file="+conf)
	if err != nil {
		return err
	}
	return poll(ctx, "dnsmasq is ready", func() (bool, error) {
		if err := p.ended(); err != nil {
			return false, err
		}
		text, err := os.ReadFile(pid)
		return len(text) > 0, ignoreMissing(err)
	})
}
