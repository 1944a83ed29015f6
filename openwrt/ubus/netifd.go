package ubus

import (
	"context"
	"fmt"
	"slices"
)

// Network is one of OpenWrt's networks, such as lan, wan or guest.
type Network struct {
	Name    string
	Device  string // the kernel's interface that carries its packets, such as pppoe-wan; "" while it is down
	Default bool   // a default route goes through it
}

// Bounds of what netifd tells.
const (
	maxNetworks   = 256
	maxDeviceName = 15 // IFNAMSIZ, less the end
)

// Networks asks netifd. The error is ErrNotFound where there is none, or this user may not ask.
func (c Client) Networks(ctx context.Context) ([]Network, error) {
	var answer dump
	if err := c.Call(ctx, "network.interface", "dump", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask netifd for the networks: %w", err)
	}
	return answer.networks(), nil
}

// dump is what network.interface dump answers, as far as it is used.
type dump struct {
	Interface []struct {
		Interface string  `json:"interface"`
		L3Device  string  `json:"l3_device"`
		Route     []route `json:"route"`
	} `json:"interface"`
}

type route struct {
	Target string `json:"target"`
	Mask   int    `json:"mask"`
}

func (d dump) networks() (list []Network) {
	for _, i := range d.Interface[:min(len(d.Interface), maxNetworks)] {
		if len(i.L3Device) > maxDeviceName {
			continue
		}
		list = append(list, Network{
			Name: i.Interface, Device: i.L3Device,
			Default: slices.ContainsFunc(i.Route, func(r route) bool {
				return r.Mask == 0 && (r.Target == "0.0.0.0" || r.Target == "::")
			}),
		})
	}
	return list
}
