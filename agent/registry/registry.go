// Package registry knows the devices of the home: who is there, what each is called and which addresses it has.
package registry

import (
	"iter"
	"net/netip"
	"slices"
	"time"

	"spinneret/agent/traffic"
	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	// maxAddresses bounds the present addresses of one device. A phone with rotating IPv6 addresses has ten; more
	// than that many is several devices behind one MAC.
	maxAddresses = 32
	// maxEver bounds the addresses that a device is remembered to have used.
	maxEver = 64
	// onlineFor is how long after its last frame a device counts as online (the contract).
	onlineFor = 5 * time.Minute
)

// NameSource says where the name of a device is from.
type NameSource = string

// The sources of names in use, best first.
const (
	NameOwner  NameSource = "owner"
	NameUCI    NameSource = "uci" // of the router's DHCP settings
	NameDHCP   NameSource = "dhcp"
	NameMDNS   NameSource = "mdns"   // it announces itself by
	NameVendor NameSource = "vendor" // the maker, by the MAC
	NameMAC    NameSource = "mac"    // nothing gave a name: it is the MAC
)

// Device is one MAC of the home as the agent knows it.
type Device struct {
	ID         int // from 1; never given to another device
	MAC        packet.MAC
	Name       string // never empty
	NameSource NameSource
	Vendor     string // "" where not known
	Kind       string // as the owner says, "" where the owner said nothing
	Ignored    bool   // hidden on the page
	Trusted    bool

	// Port is the bridge port that the device was last seen behind, "" where no bridge said.
	Port string
	// Contested says that the MAC was seen on two ports within a minute: it may be two devices, one of which lies.
	// It stays so for ten minutes after the last time.
	Contested bool
	// Several says that the MAC has more than three IPv4 addresses: it may be several devices behind a repeater.
	Several bool

	// What the device says of itself by DHCP; "" where it said nothing. Fingerprint is the same for devices of one
	// make and version.
	Fingerprint, Hostname string

	Exceptions     []string // targets that the owner allows while it is cut off; never changed in place
	RefuseMappings bool     // it may never have a port opened
	Controls       []string // classes of controllers, and MUD URLs, whose devices it controls; never changed in place
	OnFinding      string   // what to do about an alarm: tell, flow, internet or full; "" where the settings say

	Addresses []netip.Addr // present ones, IPv4 first; never changed in place
	Online    bool         // heard within five minutes, or holder of a lease
	First     time.Time
	Last      time.Time // heard from; zero where only the kernel's neighbour table knows it

	RxBytes, TxBytes     uint64 // rx is towards the device
	RxPackets, TxPackets uint64
	RxRate, TxRate       int64 // bytes/s, two significant digits
}

// Registry holds at most a fixed number of devices. It has no lock: one goroutine, the agent's loop, owns it.
type Registry struct {
	limit   int
	lastID  int
	evicted uint64

	now      time.Time // of the last round
	lastMove uint64    // the Seq of the last move that was taken

	byMAC  map[packet.MAC]*record
	byAddr map[netip.Addr]*record // who was heard last of those that have the address
	order  []*record              // by First, then MAC
}

// record is a device with what is needed to bring it up to date.
type record struct {
	Device
	ownerName, uciName, dhcpName, mdnsName string

	edited      bool
	contestedAt time.Time
	ever        []netip.Addr // the longest unused first

	present bool // in this round's input: in the capture table or among the neighbours
	leased  bool
	named   bool         // by a lease
	current []netip.Addr // this round's addresses, collected
	seen    counters     // the table's, as of the last round
	rx, tx  traffic.Rate
	settled time.Time // the rates
}

// New returns an empty registry for at most limit devices.
func New(limit int) *Registry {
	return &Registry{limit: max(limit, 1), byMAC: map[packet.MAC]*record{}, byAddr: map[netip.Addr]*record{}}
}

// Get returns the device with that MAC.
func (r *Registry) Get(mac packet.MAC) (Device, bool) { return r.byMAC[mac].device() }

// ByAddress returns who was heard last of the devices that have an address.
func (r *Registry) ByAddress(a netip.Addr) (Device, bool) { return r.byAddr[a].device() }

// ID is the device's number, 0 where there is none with that MAC.
func (r *Registry) ID(mac packet.MAC) int {
	if rec := r.byMAC[mac]; rec != nil {
		return rec.ID
	}
	return 0
}

// ByID returns the device with that ID.
func (r *Registry) ByID(id int) (Device, bool) {
	for _, rec := range r.order {
		if rec.ID == id {
			return rec.device()
		}
	}
	return Device{}, false
}

func (rec *record) device() (Device, bool) {
	if rec == nil {
		return Device{}, false
	}
	return rec.Device, true
}

// All gives every device, by First, then MAC. None may come or go meanwhile.
func (r *Registry) All() iter.Seq[Device] {
	return func(yield func(Device) bool) {
		for _, rec := range r.order {
			if !yield(rec.Device) {
				return
			}
		}
	}
}

// Addresses returns every address that the device is remembered to have used and that no other device has now:
// what belongs to it in the connection tracking table. At most 64.
func (r *Registry) Addresses(mac packet.MAC) []netip.Addr {
	rec := r.byMAC[mac]
	if rec == nil {
		return nil
	}
	return slices.Clone(rec.ever)
}

// Stores tells how full the registry is.
func (r *Registry) Stores() []capture.Store {
	return []capture.Store{{Name: "known devices", Used: len(r.byMAC), Limit: r.limit, Evicted: r.evicted}}
}
