// Package openwrt is the router around the agent: firewall, neighbours, leases, configuration, packages and the home lab.
package openwrt
