package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"spinneret/agent"
	"spinneret/capture/packet"
)

// lookup is a question of the camera's and its answer.
func lookup(i int) []moment {
	const cam = "192.168.1.163"
	name, port := fmt.Sprintf("n%d.example.net.", i), uint16(20000+i)
	server := netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}).String()
	at := time.Duration(i) * time.Millisecond
	return []moment{
		{at, between(camera, router, udp(cam, "192.168.1.1", port, 53, question(name)))},
		{at, between(router, camera, udp("192.168.1.1", cam, 53, port, answer(name, server)))},
		{at, between(camera, router, tcp(cam, server, port, 443, make([]byte, 100)))},
	}
}

// beacon is a packet of one device of a crowd.
func beacon(i int) moment {
	mac := packet.MAC{2, 0, 0, 1, byte(i >> 8), byte(i)}
	from := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String()
	return moment{time.Duration(i) * time.Millisecond, between(mac, router, udp(from, "198.51.100.7", 7000, 7777, make([]byte, 100)))}
}

// TestAReplayForgetsNothing reads more devices, and more names of one device, than a router would keep.
func TestAReplayForgetsNothing(t *testing.T) {
	const devices, names = 3000, 2000
	crowd, lookups := make([]moment, devices), []moment(nil)
	for i := range crowd {
		crowd[i] = beacon(i)
	}
	for i := range names {
		lookups = append(lookups, lookup(i)...)
	}
	for what, c := range map[string]struct {
		moments               []moment
		devices, flows, names int
	}{
		"devices": {crowd, devices, devices, 0},
		"names":   {lookups, 1, 2 * names, names},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "big.pcap")
			saveCapture(t, path, linkEthernet, c.moments)
			stdout, stderr, code := program(t, "replay", "-json", "-router", router.String(), path)
			var r agent.Report
			if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 || stderr != "" {
				t.Fatalf("exit code %d, it said %q: %v", code, stderr, err)
			}
			if len(r.Devices) != c.devices || len(r.Flows) != c.flows || len(r.Names) != c.names {
				t.Errorf("%d devices, %d flows and %d names, want %d, %d and %d", len(r.Devices), len(r.Flows), len(r.Names), c.devices, c.flows, c.names)
			}
		})
	}
}
