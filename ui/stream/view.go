// Package stream sends the home's state to browsers over WebSocket: a snapshot, then only what changed.
package stream

import (
	"context"
	"iter"
	"time"

	"spinneret/ui"
)

// View is the whole state of the home at one moment, told while Publish runs; nil lists are empty.
type View struct {
	Now     time.Time
	Devices iter.Seq[Device]
	Owners  iter.Seq[Owner]
	Pairs   iter.Seq[Pair] // only pairs with traffic in the last hour
}

// Device is a device with the number that the stream knows it by: kept until the process ends, never reused.
type Device struct {
	ID int `json:"id"`
	ui.Device
}

// Owner is a party on the internet; numbered like devices.
type Owner struct {
	ID     int
	Name   string
	Source string // service, domain or address
}

// Pair is the traffic between one device and one owner. Rates in bytes/s.
type Pair struct {
	Device, Owner  int
	TxRate, RxRate int64
	Last           time.Time
}

// FocusRow is one endpoint of the device in focus.
type FocusRow struct {
	ID             int // of the endpoint, kept while the row lives
	Name           string
	Owner          int
	Port           uint16
	TxRate, RxRate int64
	Last, First    time.Time
}

// Focuser answers for the device that a browser looks at: at most limit rows, busiest first, and how many more there are.
type Focuser interface {
	Focus(ctx context.Context, device, limit int) (rows []FocusRow, more int, err error)
	// Asker is the number of the device behind a remote address ("IP:port"), 0 where it is none of the home's.
	Asker(ctx context.Context, remoteAddr string) int
}
