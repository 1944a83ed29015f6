// Package oui tells which company a MAC address was given to, from a compact table of the IEEE's registries.
//
// The table is 338 kB in the program, and stays there: nothing is unpacked at start, a look-up unpacks the eight
// kilobytes that its name stands in, and nothing of it is kept.
package oui

import (
	_ "embed"
	"sync"

	"spinneret/capture/packet"
)

//go:generate go run ./generate -in /usr/share/ieee-data -out vendors.bin

//go:embed vendors.bin
var vendors []byte

var table = sync.OnceValues(func() (*Table, error) { return Decode(vendors) })

// Vendor gives the short name of the company that a device's MAC was given to. Addresses that a device made up
// (locally administered) have none, nor have groups, and companies that asked the IEEE not to be named. It takes
// some 50 µs: keep the answer.
func Vendor(mac packet.MAC) (string, bool) {
	t, err := table()
	if err != nil {
		return "", false
	}
	return t.Vendor(mac)
}
