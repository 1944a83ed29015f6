package cli

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spinneret/ui"
)

type deviceList struct {
	Devices []ui.Device `json:"devices"`
}

// find turns DEVICE (a MAC, an address or an exact name) into a MAC.
func (c *client) find(ctx context.Context, text string) (mac string, err error) {
	if mac, ok := ui.ParseMAC(text); ok {
		return mac, nil
	}
	var all deviceList
	if _, err := c.get(ctx, "devices", &all); err != nil {
		return "", err
	}
	var found []string
	for _, d := range all.Devices {
		if is(d, text) {
			mac = d.MAC
			found = append(found, d.MAC+" ("+printable(strings.Join(append([]string{d.Name}, d.Addresses...), ", "))+")")
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no device is called %q: spinneret devices lists them", printable(text))
	case 1:
		return mac, nil
	}
	return "", fmt.Errorf("%q is %d devices: %s: give the MAC", printable(text), len(found), strings.Join(found, " and "))
}

func is(d ui.Device, text string) bool {
	if d.Name == text {
		return true
	}
	want, err := netip.ParseAddr(text)
	return err == nil && slices.ContainsFunc(d.Addresses, func(address string) bool {
		has, err := netip.ParseAddr(address)
		return err == nil && has == want
	})
}

// names are the names of all devices by MAC.
func (c *client) names(ctx context.Context) (map[string]string, error) {
	var all deviceList
	if _, err := c.get(ctx, "devices", &all); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, d := range all.Devices {
		names[d.MAC] = d.Name
	}
	return names, nil
}
