package wifi

import (
	"context"
	"errors"
	"slices"
	"strings"

	"spinneret/openwrt/ubus"
)

const prefix = "hostapd." // of the objects of single radios; an interface's name follows

// radios lists the interfaces that hostapd serves; none where there is no hostapd or no ubus.
func (c *Client) radios(ctx context.Context) (names []string, err error) {
	out, err := c.ubus.List(ctx, prefix+"*")
	if errors.Is(err, ubus.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), prefix)
		if ok && isInterface(name) && len(names) < maxRadios {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// isInterface reports whether the kernel could have an interface of that name (IFNAMSIZ), of the letters that
// OpenWrt uses.
func isInterface(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	return name != "" && len(name) <= 15 && name[0] != '-' && strings.Trim(name, letters) == ""
}
