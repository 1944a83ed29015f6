package anomaly

import (
	"net/netip"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// Kind is what a finding is about; the names are the contract's.
type Kind string

// The kinds of findings.
const (
	Peak         Kind = "peak"
	Flood        Kind = "flood"
	Scan         Kind = "scan"
	Bruteforce   Kind = "bruteforce"
	Beacon       Kind = "beacon"
	Exfiltration Kind = "exfiltration"
	DNSTunnel    Kind = "dns-tunnel"
	Spoofing     Kind = "spoofing"
	RogueDHCP    Kind = "rogue-dhcp"
	FirstContact Kind = "first-contact"
	Character    Kind = "character"
	MUD          Kind = "mud"
)

// Kinds are all of them.
var Kinds = []Kind{
	Peak, Flood, Scan, Bruteforce, Beacon, Exfiltration, DNSTunnel, Spoofing, RogueDHCP, FirstContact, Character, MUD,
}

// Severity is how much a finding matters.
type Severity uint8

// The severities, least first.
const (
	Note    Severity = iota // worth knowing
	Warning                 // worth a look
	Alarm                   // harms others, or is about to
)

var severities = [...]string{"note", "warning", "alarm"}

// String is the contract's word.
func (s Severity) String() string { return severities[min(int(s), len(severities)-1)] }

// State is how far a finding is.
type State string

// The states of the contract.
const (
	Open State = "open"
	Over State = "over"
	Fine State = "fine" // the owner said so
)

// Finding is something unusual that a device did.
type Finding struct {
	ID       int64 // from 1; never given again
	Device   packet.MAC
	Kind     Kind
	Severity Severity
	Party    string     // with whom, or on what: what the owner's "this is fine" is about
	Text     say.Phrase // what it did, a sentence without its subject and full stop: "sent 2,000 packets a second to …"
	Start    time.Time
	Found    time.Time      // when it was first told
	End      time.Time      // zero while it lasts
	Flows    []capture.Flow // at most ten that show it
	Sources  []netip.Addr   // of a flood from forged addresses: some of them; its packets are of no flow
	State    State

	To   []string  // what stops it alone, as the contract writes targets; none where nothing does
	Last time.Time // when it was last seen

	Learning bool // the device's habits were not known when it began
	last     int64
	match    match
}

// maxEvidence is the contract's limit of flows in a finding.
const maxEvidence = 10

// match says which flows show a finding. Zero members match all.
type match struct {
	none       bool   // no flow does, or it is not known any more
	remote     uint64 // hash of the address
	port       uint16
	protocol   capture.Protocol
	unanswered bool
	from       int64 // the flow's last packet
}

func (m *match) fits(f *capture.Flow, remote uint64) bool {
	return !m.none && (m.remote == 0 || m.remote == remote) && (m.port == 0 || m.port == f.Port) &&
		(m.protocol == 0 || m.protocol == f.Protocol) && (!m.unanswered || isFruitless(f)) && f.Last.UnixNano() >= m.from
}
