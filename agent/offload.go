package agent

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"spinneret/capture/say"
	"spinneret/openwrt/uci"
)

// offloadPeriod is how often the firewall's settings are looked at: a blind spot is told within this.
const offloadPeriod = 10 * time.Second

// followOffload hands over whether connections pass us by, whenever that changes, until ctx ends. Where there is no
// file there is no OpenWrt, and nothing is said.
func followOffload(path string, log *slog.Logger, fn func(uci.Offload)) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(offloadPeriod)
		defer tick.Stop()
		var last uci.Offload
		said := ""
		for {
			o, err := uci.ReadOffload(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && err.Error() != said {
				said = err.Error()
				log.Warn("look for flow offloading", "err", err)
			}
			if o != last {
				last = o
				fn(o)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// offloadSpots names what offloading hides. What a connection carries is still conntrack's: fw4's flowtables count.
func offloadSpots(o uci.Offload) []say.Phrase {
	switch {
	case o.Hardware:
		return []say.Phrase{say.New("spot.hardware", uci.FirewallFile)}
	case o.Software:
		return []say.Phrase{say.New("spot.software", uci.FirewallFile)}
	}
	return nil
}
