package uitest

import (
	"time"

	"spinneret/ui"
)

// New is the home of the contract's examples: a camera that talks to its maker, and a bulb.
func New() *Home {
	now := time.Date(2026, 11, 21, 12, 4, 31, 0, time.UTC)
	began := now.Add(-3 * time.Hour)
	return &Home{
		Now: now,
		List: []ui.Device{
			camera(began, now),
			{
				MAC: "02:00:00:00:00:02", Name: "bulb", NameSource: "dhcp", Addresses: []string{"192.168.1.164"},
				FirstSeen: ui.At(began), LastSeen: ui.At(began), Quarantines: []ui.Quarantine{}, Findings: []ui.Finding{}, Exceptions: []string{}, Controls: []string{}, Mappings: []ui.Mapping{}, Maybe: []ui.Before{},
			},
		},
		Traffic: []ui.Flow{upload(now)},
		Past:    []ui.Flow{ended(upload(began)), ended(upload(began.Add(-24 * time.Hour)))},
		Sums:    []ui.Bucket{{At: ui.At(began), RxBytes: 5200, TxBytes: 910000}, {At: ui.At(now)}},
		Log: []ui.Event{{
			ID: 1841, Time: ui.At(now), Kind: "device", Severity: "note", Device: text("02:00:00:00:00:01"),
			Text: "front-door-cam is new", Say: `["joined","front-door-cam"]`, Cause: text("seen"),
		}},
	}
}

func camera(began, now time.Time) ui.Device {
	return ui.Device{
		MAC: "02:00:00:00:00:01", Name: "front-door-cam", NameSource: "dhcp", RandomMAC: true,
		Addresses: []string{"192.168.1.163", "fd00:1::ff:fe00:1"}, Online: true, FirstSeen: ui.At(began), LastSeen: ui.At(now),
		RxBytes: 81200, TxBytes: 9120000, RxPackets: 610, TxPackets: 8100, RxRate: 120, TxRate: 51000,
		Quarantines: []ui.Quarantine{}, Findings: []ui.Finding{}, Exceptions: []string{}, Controls: []string{}, Mappings: []ui.Mapping{}, Maybe: []ui.Before{},
	}
}

func upload(now time.Time) ui.Flow {
	devicePort, remotePort := uint16(41234), uint16(443)
	first := now.Add(-4 * time.Minute)
	return ui.Flow{
		Device: text("02:00:00:00:00:01"), Remote: text("198.51.100.7"),
		Name: text("up.cam.example.net"), NameSource: text("sni"), Owner: text("example.net"), OwnerSource: text("domain"),
		Protocol: "tcp", DevicePort: &devicePort, RemotePort: &remotePort, Port: &remotePort,
		Direction: "out", Scope: "internet", Outside: text("203.0.113.20:40321"),
		RxBytes: 5200, TxBytes: 910000, RxPackets: 61, TxPackets: 700, First: ui.At(first), Last: ui.At(now), State: "live",
	}
}

func ended(f ui.Flow) ui.Flow {
	f.State = "ended"
	return f
}

func text(s string) *string { return &s }
