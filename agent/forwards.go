package agent

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"spinneret/agent/registry"
	"spinneret/openwrt/mappings"
	"spinneret/ui"
)

const (
	leasesOfUPnP   = "/var/run/miniupnpd.leases" // where OpenWrt's miniupnpd keeps what devices had opened
	forwardsPeriod = 5 * time.Second
)

// followForwards hands over the ports that devices had opened, whenever they change, until ctx ends.
func followForwards(path string, log *slog.Logger, fn func([]mappings.Mapping)) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(forwardsPeriod)
		defer tick.Stop()
		var last []mappings.Mapping
		for {
			list, err := mappings.List(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				log.Warn("read port mappings", "err", err)
			}
			if !slices.Equal(list, last) {
				last = list
				fn(list)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// forwardsTo lists the ports that the router forwards to a device.
func (h *home) forwardsTo(d registry.Device) []ui.Mapping {
	list := []ui.Mapping{}
	for _, m := range h.forwards {
		for _, a := range d.Addresses {
			if a == m.Addr {
				list = append(list, ui.Mapping{Protocol: m.Protocol, OutsidePort: m.OutsidePort, Port: m.Port})
			}
		}
	}
	return list
}
