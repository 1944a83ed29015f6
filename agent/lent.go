package agent

import (
	"context"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"spinneret/openwrt/leases"
	"spinneret/openwrt/ubus"
)

// followLeases watches dnsmasq's file of leases, and odhcpd's; no path holds none. Where dnsmasq says on ubus that it
// lent an address the name is known before the device says its first word with it.
func (h *home) followLeases(path string) work {
	odhcpd := h.options.Odhcpd
	return func(ctx context.Context) error {
		if path == "" {
			h.leaseC.put(nil)
			<-ctx.Done()
			return nil
		}
		word := newMailbox[struct{}]()
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error {
			return leases.Watch(ctx, path, odhcpd, word, h.log, func(list []leases.Lease, _ int) { h.leaseC.put(list) })
		})
		if _, err := os.Stat(ubus.Socket); err == nil {
			group.Go(func() error {
				ubus.Subscribe(ctx, ubus.Socket, "dnsmasq", func(of string) {
					if strings.HasPrefix(of, "dhcp.") {
						word.put(struct{}{})
					}
				})
				return nil
			})
		}
		return group.Wait()
	}
}
