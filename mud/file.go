package mud

import "time"

// File is what a MUD file says, as far as it was understood. Texts are the maker's words: escape them.
type File struct {
	URL           URL
	Held          string // why all of it waits for the owner's word; "" is that it does not
	LastUpdate    time.Time
	CacheValidity time.Duration // how long after a retrieval nobody looks again: 1 to 168 hours
	Supported     bool          // the maker still makes updates
	Signature     string        // where its signature is, as written; "" is nowhere

	SystemInfo, Maker, Model, Firmware, Software, Documentation string
	Extensions                                                  []string

	From, To []ACL // what the device sends, what is sent to it; in the order of the policies
}

// ACL is an ordered list of entries, the first that matches decides (RFC 8519 4.1).
type ACL struct {
	Name   string
	Family Family
	ACEs   []ACE
}

// ACE is one entry.
type ACE struct {
	Name   string
	Path   string // where it stands in the file
	Family Family
	Drop   bool
	Held   string // why it waits for the owner's word; "" is that it does not
	Match
}

// Match is what a packet must have, all of it. The remote party is the destination of what the device sends and the
// source of what is sent to it; local is the device's side, which for multicast to it is a group.
type Match struct {
	Remote                []Endpoint // all must hold
	Local                 []Endpoint // prefixes
	Protocol              Protocol
	RemotePort, LocalPort Ports
	Initiated             Direction // who must have opened the TCP connection (RFC 8520 8); "" is anyone
	Fields                []Field
}

// Direction is whose packet, or whose connection, it is.
type Direction string

// The two directions, as RFC 8520 writes them.
const (
	FromDevice Direction = "from-device"
	ToDevice   Direction = "to-device"
)

// Family is a set of IP versions.
type Family uint8

// The versions.
const (
	IPv4 Family = 1 << iota
	IPv6
)

// Protocol is an IP protocol number, or AnyProtocol.
type Protocol int16

// Protocols that have matches of their own. For IPv6 the number is that of the last header.
const (
	AnyProtocol Protocol = -1
	ICMP        Protocol = 1
	TCP         Protocol = 6
	UDP         Protocol = 17
	ICMPv6      Protocol = 58
)

// Ports are the ports from Low to High, or all others if Not is set. The zero value is any port.
type Ports struct {
	Low, High uint16
	Not       bool
	Set       bool
}

// Field is a header field with the value that it must have, such as {"ipv4", "ttl", 1, 0xff}. Only the bits of Mask are
// compared.
type Field struct {
	Header, Name string
	Value, Mask  uint32
}
