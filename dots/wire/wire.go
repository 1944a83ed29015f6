// Package wire is what DOTS Call Home says (RFC 9132, RFC 9066), without a connection: paths, CBOR bodies, and the
// table of answers to mitigation requests. It is pure: bytes and times come in, bytes and decisions come out.
package wire

import "fmt"

// ContentFormat is application/dots+cbor (RFC 9132 section 10.4).
const ContentFormat = 271

// Code is a CoAP response code, its class in the upper three bits (RFC 7252 section 3).
type Code uint8

// The response codes that DOTS uses (RFC 9132 section 9).
const (
	Created            Code = 2<<5 | 1
	Deleted            Code = 2<<5 | 2
	Changed            Code = 2<<5 | 4
	Content            Code = 2<<5 | 5
	BadRequest         Code = 4 << 5
	Unauthorized       Code = 4<<5 | 1
	BadOption          Code = 4<<5 | 2
	NotFound           Code = 4<<5 | 4
	MethodNotAllowed   Code = 4<<5 | 5
	NotAcceptable      Code = 4<<5 | 6
	Conflicted         Code = 4<<5 | 9
	PreconditionFailed Code = 4<<5 | 12
	TooLarge           Code = 4<<5 | 13
	UnsupportedFormat  Code = 4<<5 | 15
	Unprocessable      Code = 4<<5 | 22
	Internal           Code = 5 << 5
	ServiceUnavailable Code = 5<<5 | 3
)

// String is the code as RFCs print it, such as 4.09.
func (c Code) String() string { return fmt.Sprintf("%d.%02d", c>>5, c&0x1f) }

// Status is how a mitigation stands (RFC 9132 section 8.1, key 16); zero where it was not said.
type Status uint8

// The registered values.
const (
	InProgress   Status = 1
	Mitigated    Status = 2
	Stopped      Status = 3 // the attack did
	Exceeded     Status = 4 // we cannot do it
	Withdrawn    Status = 5 // by the client, and still in force for a while
	Terminated   Status = 6
	ServerEnded  Status = 7 // withdrawn by the server: the owner released the device
	AfterLoss    Status = 8 // waits for the loss of the session; never in Call Home
	highestKnown        = AfterLoss
)

// Cause is why requests are in conflict (RFC 9132 section 10.6.4, RFC 9066 section 8; key 19).
type Cause uint8

// The registered values that a home can give.
const (
	OverlappingTargets Cause = 1
	AcceptList         Cause = 2
	CUIDCollision      Cause = 3
	LegitimateTraffic  Cause = 4
)

// ConflictStatus is what became of requests in conflict (key 18).
type ConflictStatus uint8

// The registered values.
const (
	OtherActive ConflictStatus = 1
	ThisActive  ConflictStatus = 2
	AllInactive ConflictStatus = 3
)

// Error is a refusal: a code and a diagnostic text for the peer's engineer, which says nothing of the inside.
type Error struct {
	Code Code
	Text string
}

func (e *Error) Error() string { return e.Code.String() + " " + e.Text }

func badRequest(format string, args ...any) *Error {
	return &Error{Code: BadRequest, Text: fmt.Sprintf(format, args...)}
}
