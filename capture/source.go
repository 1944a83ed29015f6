// Package capture groups the packets of a home into flows per device, from whatever Source sees them.
package capture

import (
	"context"

	"spinneret/capture/packet"
)

// A Source hands packets to fn one at a time, from one goroutine, until ctx ends, its input ends (both nil)
// or reading fails for good. The Packet and the bytes that it refers to are reused: fn must not keep them.
type Source interface {
	Run(ctx context.Context, fn func(*packet.Packet)) error
}
