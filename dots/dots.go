// Package dots is the home's side of DOTS Call Home (RFC 9066): the router calls its providers, keeps those sessions,
// and answers what they ask over them. It knows no home: whom a request hits, and what is done, its Home decides.
package dots

import (
	"spinneret/dots/wire"
)

// Home is what sessions ask of the home. It is called from the goroutines of sessions, one at a time and never while
// the server holds a lock: its methods may call the server, and are to be quick.
type Home interface {
	wire.Judge
	// Mitigate tells of a mitigation that is new, asked for again, or restored. The home acts, or asks its owner; how
	// that stands it says with Server.Update.
	Mitigate(e wire.Entry)
	// End tells that the time of a mitigation is over.
	End(e wire.Entry, why Ending)
}

// Ending is why a mitigation ended.
type Ending string

// The endings that are not the owner's doing. What the owner ended with Server.Release is not told again.
const (
	Expired   Ending = "expired"   // its lifetime ran out
	Withdrawn Ending = "withdrawn" // by its provider, and its grace is over (RFC 9132 section 4.4.4)
	Replaced  Ending = "replaced"  // by a later one of the same provider
	Orphaned  Ending = "orphaned"  // its provider is no longer configured
)
