// Package uci reads the program's settings from its UCI file.
package uci

import (
	"os"
	"time"
)

// Config is what /etc/config/spinneret says, with the defaults in place of what it leaves out.
type Config struct {
	LAN    []string // kernel or netifd names; empty: ask netifd
	WAN    []string // empty: netifd's, else whatever holds a default route
	Listen []string // HOST:PORT; empty: the agent chooses
	Hosts  []string // names that the page may be asked for by

	ListenHTTPS []string // HOST:PORT
	Cert, Key   string   // of HTTPS, both or none; "": the router's own
	PageFrom    []string // interfaces beside the LAN that may open the page

	StateDir    string
	Auth        bool
	Socket      string
	MaxLevel    int    // 0 to 3
	HistorySize int64  // bytes
	HistoryPath string // "" keeps the history in memory
	Metrics     bool
	NewDevices  string // allow, tell or hold
	DHCPLeases  string

	MUDAnchors []string // files of CAs that makers' descriptions may be signed by, beside the system's
	MUDHosts   []string // HOST or HOST:PORT of servers of them that may be inside the home

	ProviderGrace time.Duration // how long what a provider asked for stays after it took it back

	Learning time.Duration // how long a device is watched before its habits count
	Actions  []Action      // in the order of the file

	Providers []Provider // in the order of the file
}

// Provider is one internet provider that may ask for help over DOTS.
type Provider struct {
	ID      string // name of the section
	Address string
	Port    uint16
	Name    string // what its certificate must say; the address where the file does not say

	// One of the three kinds of credentials: a file with everything, three files, or a pre-shared key.
	Credentials          string
	CA, Cert, Key        string
	PSKIdentity, PSKFile string

	Policy        string // log, ask, flow or device
	MaxDevices    int
	TrustedDomain string
}

// The choices that the file offers by name.
const (
	NewAllow, NewTell, NewHold = "allow", "tell", "hold"

	PolicyLog, PolicyAsk, PolicyFlow, PolicyDevice = "log", "ask", "flow", "device"
)

// OpenWrtRelease is there on OpenWrt and nowhere else.
const OpenWrtRelease = "/etc/openwrt_release"

// Defaults is the Config of an empty file on this machine.
func Defaults() Config {
	_, err := os.Stat(OpenWrtRelease)
	return defaults(err == nil)
}

// defaults differ in one thing: on OpenWrt /var is memory, and what has to outlast a reboot is in /etc.
func defaults(onOpenWrt bool) Config {
	c := Config{
		StateDir:    "/var/lib/spinneret",
		Auth:        true,
		Socket:      "/var/run/spinneret/api.sock",
		MaxLevel:    3,
		HistorySize: 8 << 20,
		NewDevices:  NewTell,
		DHCPLeases:  "/tmp/dhcp.leases",

		ProviderGrace: 120 * time.Second, // RFC 9132 section 4.4.4
		Learning:      24 * time.Hour,
	}
	if onOpenWrt {
		c.StateDir = "/etc/spinneret"
	}
	return c
}

func defaultProvider(id string) Provider {
	return Provider{ID: id, Policy: PolicyFlow, MaxDevices: 1}
}
