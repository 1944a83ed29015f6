package ui

import "time"

// The objects of the contract's section 4. A pointer is null where the value is absent; slices are never nil.

// Status is the program as a whole.
type Status struct {
	Version    string       `json:"version"`
	Now        *Time        `json:"now"`
	ClockSet   bool         `json:"clockSet"`
	Started    *Time        `json:"started"`
	Level      int          `json:"level"`
	Levels     []Level      `json:"levels"`
	LAN        []string     `json:"lan"`
	WAN        []string     `json:"wan"`
	Devices    DeviceCounts `json:"devices"`
	Stores     []Store      `json:"stores"`
	Losses     []Loss       `json:"losses"`
	BlindSpots []string     `json:"blindSpots"`
	Says       []Say        `json:"says"` // the blind spots
	Firewall   Firewall     `json:"firewall"`
	Providers  []Provider   `json:"providers"`
}

// Level is one capability level and, where it does not work here, the reason.
type Level struct {
	Level int     `json:"level"`
	OK    bool    `json:"ok"`
	Why   *string `json:"why"`
	Say   Say     `json:"say"` // why
}

// DeviceCounts counts devices by state.
type DeviceCounts struct {
	Known       int `json:"known"`
	Online      int `json:"online"`
	Quarantined int `json:"quarantined"`
}

// Store is how full one bounded store is.
type Store struct {
	Name    string `json:"name"`
	Used    int    `json:"used"`
	Limit   int    `json:"limit"`
	Evicted uint64 `json:"evicted"`
}

// Loss is what one input could not deliver.
type Loss struct {
	Where string `json:"where"`
	Lost  uint64 `json:"lost"`
}

// Firewall is what was last asked of the kernel: state applied, pending or failed.
type Firewall struct {
	State string  `json:"state"`
	At    *Time   `json:"at"`
	Error *string `json:"error"`
}

// Provider is the session with one internet provider: state up, connecting or down.
type Provider struct {
	Name  string  `json:"name"`
	State string  `json:"state"`
	Since *Time   `json:"since"`
	Error *string `json:"error"` // why it is not up
}

// Device is one MAC of the home.
type Device struct {
	MAC         string       `json:"mac"`
	Name        string       `json:"name"`
	NameSource  string       `json:"nameSource"`
	Vendor      *string      `json:"vendor"`
	RandomMAC   bool         `json:"randomMac"`
	Kind        *string      `json:"kind"`
	Ignored     bool         `json:"ignored"`
	Trusted     bool         `json:"trusted"`
	Addresses   []string     `json:"addresses"`
	Online      bool         `json:"online"`
	FirstSeen   *Time        `json:"firstSeen"`
	LastSeen    *Time        `json:"lastSeen"`
	RxBytes     uint64       `json:"rxBytes"`
	TxBytes     uint64       `json:"txBytes"`
	RxPackets   uint64       `json:"rxPackets"`
	TxPackets   uint64       `json:"txPackets"`
	RxRate      int64        `json:"rxRate"` // bytes/s
	TxRate      int64        `json:"txRate"` // bytes/s
	Quarantine  *Quarantine  `json:"quarantine"`
	Quarantines []Quarantine `json:"quarantines"`
	MUD         *MUD         `json:"mud"`
	Findings    []Finding    `json:"findings"`

	Exceptions     []string  `json:"exceptions"`     // targets still allowed while it is cut off
	Mappings       []Mapping `json:"mappings"`       // ports that the router forwards to it
	RefuseMappings bool      `json:"refuseMappings"` // it may never open a port
	OnFinding      *string   `json:"onFinding"`      // what is done about an alarm: tell, flow, internet or full; null: as the settings say
	Controls       []string  `json:"controls"`       // classes of controllers, or MUD URLs, whose devices it controls
	Held           bool      `json:"held"`           // new, and kept off the internet until the owner agrees
	Contested      bool      `json:"contested"`      // its MAC was seen on two ports within a minute
	Maybe          []Before  `json:"maybe"`          // which device it may have been under another MAC
}

// Mapping is one port that a device had opened to the internet (UPnP, NAT-PMP or PCP).
type Mapping struct {
	Protocol    string `json:"protocol"`
	OutsidePort uint16 `json:"outsidePort"`
	Port        uint16 `json:"port"`
}

// Quarantine is one reason why a device is cut off, wholly or in part.
type Quarantine struct {
	ID             string   `json:"id"`
	Level          string   `json:"level"`
	Source         string   `json:"source"`
	Provider       *string  `json:"provider"`
	Why            string   `json:"why"`
	Say            Say      `json:"say"` // why; null where the owner wrote it
	Since          *Time    `json:"since"`
	Until          *Time    `json:"until"`
	To             []string `json:"to"`
	PassedPackets  uint64   `json:"passedPackets"`
	RefusedPackets uint64   `json:"refusedPackets"`
	RefusedBytes   uint64   `json:"refusedBytes"`
	InForce        bool     `json:"inForce"` // the kernel was read and holds it
}

// Finding is something unusual that a device did.
type Finding struct {
	ID       int64    `json:"id"`
	Device   string   `json:"device"`
	Kind     string   `json:"kind"`
	Severity string   `json:"severity"`
	Party    string   `json:"party"` // with whom, or on what
	Text     string   `json:"text"`
	Say      Say      `json:"say"`
	Start    *Time    `json:"start"`
	Found    *Time    `json:"found"` // when it was first told
	End      *Time    `json:"end"`
	Flows    []Flow   `json:"flows"`
	Sources  []string `json:"sources"` // of a flood from forged addresses: some of them
	State    string   `json:"state"`
	HeldBack *string  `json:"heldBack"` // the level at which the device is held back for it now, by itself
}

// Flow is one conversation.
type Flow struct {
	Device      *string `json:"device"`
	Remote      *string `json:"remote"`
	Name        *string `json:"name"`
	NameSource  *string `json:"nameSource"`
	Owner       *string `json:"owner"`
	OwnerSource *string `json:"ownerSource"`
	Protocol    string  `json:"protocol"`
	DevicePort  *uint16 `json:"devicePort"`
	RemotePort  *uint16 `json:"remotePort"`
	Port        *uint16 `json:"port"`
	Direction   string  `json:"direction"`
	Scope       string  `json:"scope"`
	Peer        *string `json:"peer"`
	Outside     *string `json:"outside"`
	RxBytes     uint64  `json:"rxBytes"`
	TxBytes     uint64  `json:"txBytes"`
	RxPackets   uint64  `json:"rxPackets"`
	TxPackets   uint64  `json:"txPackets"`
	First       *Time   `json:"first"`
	Last        *Time   `json:"last"`
	State       string  `json:"state"` // refused and out: nothing passed, and what is counted is a sample
	Asked       *string `json:"asked"` // the name that it asked DNS for, of what was refused
}

// Request is what a provider asked for. Several devices: never guessed.
type Request struct {
	ID             string   `json:"id"`
	Provider       string   `json:"provider"`
	MID            uint32   `json:"mid"`
	Received       *Time    `json:"received"`
	Ends           *Time    `json:"ends"`
	State          string   `json:"state"`
	Policy         string   `json:"policy"`
	Source         []string `json:"source"`
	Target         []string `json:"target"`
	Devices        []string `json:"devices"`
	Why            string   `json:"why"`
	Say            Say      `json:"say"` // why
	DroppedPackets uint64   `json:"droppedPackets"`
	DroppedBytes   uint64   `json:"droppedBytes"`

	Efficacy   *string `json:"efficacy"`   // what the provider says: under-attack or mitigated
	Legitimate bool    `json:"legitimate"` // the owner said so: the same is refused at once
}

// Event is one line of the home's log.
type Event struct {
	ID       int64   `json:"id"`
	Time     *Time   `json:"time"`
	Kind     string  `json:"kind"`
	Severity string  `json:"severity"`
	Device   *string `json:"device"`
	Text     string  `json:"text"`
	Say      Say     `json:"say"`
	Cause    *string `json:"cause"`
	Undo     *Undo   `json:"undo"`
}

// Undo is the request that takes an action back.
type Undo struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// DeviceEdit is what PATCH changes: a nil member stays as it is. ClearName gives the name back to the network.
type DeviceEdit struct {
	Name      *string
	ClearName bool
	Kind      *string
	Ignored   *bool
	Trusted   *bool

	Exceptions     *[]string
	RefuseMappings *bool
	Controls       *[]string
	OnFinding      *string // tell, flow, internet or full; "": as the settings say
}

// QuarantineOrder is what the owner asks for. Until is zero where it holds until released; the server turns
// "for" into it with Backend time left to the agent: For is set instead.
type QuarantineOrder struct {
	Level       string // full, internet or flow
	For         time.Duration
	Until       time.Time
	Why         string
	To          []string
	Acknowledge bool
	Asker       string // where the request came from (IP:port); what is no address came by the unix socket
}

// FlowQuery selects flows whose last packet was not before Since, newest first.
type FlowQuery struct {
	Device string // "" for all
	Since  time.Time
	Limit  int
}
