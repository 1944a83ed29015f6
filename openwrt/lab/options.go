package lab

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"time"
)

// Options say how the home is to be.
type Options struct {
	// Devices are who lives there; nil is the believable dozen of Household.
	Devices []Spec

	// Idle devices get their addresses and then keep quiet until they are started.
	Idle bool

	// Dir is where the home's directory is made, default os.TempDir.
	Dir string

	// BridgeNF lets bridged frames run through the inet tables too, as Docker hosts have it. OpenWrt does not.
	BridgeNF bool

	// DAD makes the devices check for duplicate addresses as real ones do; it costs two seconds at start.
	DAD bool

	// Wire keeps every frame as short as on a wire. Otherwise the kernel hands long TCP segments through whole,
	// which costs less and which routers with offloading see too.
	Wire bool

	// BeforeJoin, if not nil, is called once everything but the devices stands: what is started here sees them
	// join. The devices' cables are up, they have no addresses yet. An error ends the start.
	BeforeJoin func(ctx context.Context, h *Home) error

	Log *slog.Logger // nil: silence
}

// Spec is one device before it is built.
type Spec struct {
	Name string // its DHCP hostname (option 12)
	MAC  string // "": 02:00:00:00:00:01 and so on in the order of the list

	// Class is its DHCP vendor class (option 60), Ask the options that it asks for (option 55) as
	// udhcpc names them; both make its fingerprint.
	Class string
	Ask   []string

	// TempAddrs is for how long it likes to use a temporary IPv6 address (RFC 8981) before it makes another,
	// some five seconds earlier; 0: it has none.
	TempAddrs time.Duration

	IPv4Only bool // it asks for no AAAA; it has IPv6 addresses all the same

	Habits []Habit
}

// hostname is what may stand in a DHCP hostname and in a command line alike (RFC 1123 section 2.1).
var hostname = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// specs returns the devices to build, with everything filled in and checked.
func (o Options) specs() ([]Spec, error) {
	list := o.Devices
	if list == nil {
		list = Household()
	}
	if len(list) > maxDevices {
		return nil, fmt.Errorf("check devices: %d are more than %d", len(list), maxDevices)
	}
	seen := map[string]bool{}
	out := make([]Spec, len(list))
	for i, s := range list {
		if s.MAC == "" {
			s.MAC = deviceMAC(i)
		}
		hw, err := net.ParseMAC(s.MAC)
		if err != nil || len(hw) != 6 {
			return nil, fmt.Errorf("check device %q: %q is no MAC", s.Name, s.MAC)
		}
		s.MAC = hw.String()
		if !hostname.MatchString(s.Name) || seen[s.Name] || seen[s.MAC] {
			return nil, fmt.Errorf("check device %q: name and MAC must be valid and its own", s.Name)
		}
		seen[s.Name], seen[s.MAC] = true, true
		out[i] = s
	}
	return out, nil
}
