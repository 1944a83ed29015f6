package lab

// Household returns the believable dozen.
func Household() []Spec {
	return []Spec{
		{Name: "front-door-cam", Class: "udhcp 1.24.1"},
		{Name: "living-room-tv", Class: "tv-os 6.2"},
		{Name: "annas-phone", Class: "android-dhcp-14", TempAddrs: true},
		{Name: "toms-laptop"},
		{Name: "hall-bulb"},
		{Name: "kitchen-printer"},
		{Name: "thermostat"},
		{Name: "smart-plug"},
		{Name: "bedroom-speaker"},
		{Name: "robot-vacuum"},
		{Name: "garden-cam"},
		{Name: "kids-tablet"},
	}
}
