// Package oui tells which company a MAC address was given to, from a compact table of the IEEE's registries.
//
// The table has 260 kB. It is part of the program, or on a router a file of its package, and stays there: nothing is
// unpacked at start, a look-up reads and unpacks the eight kilobytes that its name stands in, and nothing of it is kept.
package oui

import (
	"fmt"
	"sync"

	"spinneret/capture/packet"
)

//go:generate go run ./generate -in /usr/share/ieee-data -out vendors.bin

// File is where the program for routers looks for the table.
const File = "/usr/share/spinneret/vendors.bin"

var table = sync.OnceValues(func() (*Table, error) {
	r, size, err := open()
	if err != nil {
		return nil, fmt.Errorf("open vendor table: %w", err)
	}
	return Open(r, size)
})

// Check says why no vendor is known, if that is so.
func Check() error {
	_, err := table()
	return err
}

// Vendor gives the short name of the company that a device's MAC was given to. Addresses that a device made up
// (locally administered) have none, nor have groups, and companies that asked the IEEE not to be named. It takes
// some 200 µs: keep the answer.
func Vendor(mac packet.MAC) (string, bool) {
	t, err := table()
	if err != nil {
		return "", false
	}
	return t.Vendor(mac)
}
