package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"spinneret/openwrt/leases"
	"spinneret/openwrt/uci"
)

// settings are where the configuration comes from: the file, flags that say otherwise, and the router.
type settings struct {
	config         string // path
	listen, socket string // flags, "" where not given
	router         router
}

// load reads what is to be in use now. Beside it are what is wrong and is left out, which only a router does: there
// nobody sees an error, and the rest has to run.
func (s settings) load(ctx context.Context) (c uci.Config, wrong []uci.Problem, err error) {
	if err := wanted(s.config); err != nil {
		return c, nil, err
	}
	if s.router.isOpenWrt() {
		c, wrong = uci.Lenient(s.config)
	} else if c, err = uci.Load(s.config); err != nil {
		return c, nil, err
	}
	if s.listen != "" {
		c.Listen = []string{s.listen}
	}
	c.Socket = cmp.Or(s.socket, c.Socket)
	if err := s.router.complete(ctx, &c); err != nil {
		return c, nil, fmt.Errorf("find the home's interfaces: %w", err)
	}
	return c, wrong, nil
}

// misread is the first value that is wrong: what stands for it may be far from what was meant. Nil where all that is
// wrong is what nobody reads.
func misread(wrong []uci.Problem) error {
	i := slices.IndexFunc(wrong, func(p uci.Problem) bool { return !p.Unknown })
	if i < 0 {
		return nil
	}
	return errors.New(wrong[i].String())
}

// staticHosts is what the service's script writes there: the agent itself may not read the router's DHCP settings.
const staticHosts = "/var/run/spinneret.hosts"

// staticNames are the names in the router's DHCP settings; none where they cannot be read.
func staticNames(log *slog.Logger) map[[6]byte]string {
	names, err := leases.ReadHosts(staticHosts)
	if err != nil {
		log.Warn("devices go without the names of the router's DHCP settings", "err", err)
	}
	return names
}
