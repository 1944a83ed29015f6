package ui

// MUD is a device's profile. In a device Policy is empty, also that of Approvals: GET devices/{mac}/mud has it.
type MUD struct {
	URL        *string  `json:"url"`
	State      string   `json:"state"`
	Mode       string   `json:"mode"`
	Policy     []string `json:"policy"`
	Violations uint64   `json:"violations"`
	Problems   []string `json:"problems"`

	Strict     bool       `json:"strict"` // read by the letter: connections are not considered
	Source     *string    `json:"source"` // who says so: owner, or the device by dhcp, dhcpv6, lldp, or a relay
	File       bool       `json:"file"`   // it is a file that the owner gave
	SystemInfo *string    `json:"systemInfo"`
	SignedBy   *string    `json:"signedBy"`
	Fetched    *Time      `json:"fetched"` // when its server last gave it, or said that it is the same
	Expires    *Time      `json:"expires"` // when the server is asked again; what is known stays in force
	Approvals  []Approval `json:"approvals"`
	// Recent is what the device did lately that is not allowed, the latest first; in the list of devices it is empty.
	Recent []Violation `json:"recent"`
	Beyond []Party     `json:"beyond"` // with whom it did such things within the last hour
	// Uses are the lines of Policy but the last, with how often each was made use of since then; in the list of devices,
	// and where nothing is counted, it is empty.
	Uses      []Use `json:"uses"`
	UsesSince *Time `json:"usesSince"`
}

// Use is what a device did of what its profile says.
type Use struct {
	Text  string `json:"text"`
	Count uint64 `json:"count"` // of packets that opened connections; between devices of the home, of all
	Last  *Time  `json:"last"`
}

// Party is whom a device has to do with: an owner as the stream has them, or another device of the home. Neither is known
// where it is the router, a group, or an address in the home that is no device's.
type Party struct {
	Owner *string `json:"owner"`
	Peer  *string `json:"peer"` // its MAC
}

// Violation is what a device did that its profile does not allow, as often as it tried the same.
type Violation struct {
	Text  string `json:"text"`
	Say   Say    `json:"say"`
	Count uint64 `json:"count"` // of packets that were logged, which are some of them
	First *Time  `json:"first"`
	Last  *Time  `json:"last"`
	Party
}

// Approval is something about a profile that waits for the owner.
type Approval struct {
	ID     string   `json:"id"`   // of exactly this: what changes meanwhile has another
	Kind   string   `json:"kind"` // url, file or entries
	URL    string   `json:"url"`
	Why    []string `json:"why"`
	Policy []string `json:"policy"` // what would be allowed
}

// MUDAnswer is the owner's word about an Approval.
type MUDAnswer struct {
	ID      string
	Approve bool

	Acknowledge bool   // though it is the device that the page is open on
	Asker       string // as in QuarantineOrder
}

// MUDOrder is what the owner gives a device: a URL or a file, neither to change the rest alone.
type MUDOrder struct {
	URL  string
	File []byte // as it was sent
	Mode string // off, watch or enforce; "" leaves what is, and enforces what is given

	Strict *bool // nil leaves what is

	Acknowledge bool   // though it is the device that the page is open on
	Asker       string // as in QuarantineOrder
}
