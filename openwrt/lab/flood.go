package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Flood is what a device that belongs to a botnet sends.
type Flood struct {
	To        netip.AddrPort
	Sources   netip.Prefix // forged addresses are taken from here; of To's family
	PerSecond int          // at most maxFlood
	SYN       bool         // TCP connection attempts instead of datagrams
	MACs      bool         // every packet from another made-up MAC too
}

// maxFlood bounds a flood: the lab shares its machine with others.
const maxFlood = 20_000

const (
	floodStep = 10 * time.Millisecond
	floodSize = 100 // bytes of payload in a datagram
)

// Flood sends to the router until ctx ends, every packet from another source address and port, all from the device's
// MAC unless those are made up too.
func (d *Device) Flood(ctx context.Context, f Flood) error {
	if f.PerSecond < 1 || f.PerSecond > maxFlood {
		return fmt.Errorf("flood %v: %d packets a second are not within 1 and %d", f.To, f.PerSecond, maxFlood)
	}
	raw, err := d.NS.OpenRaw(nic)
	if err != nil {
		return err
	}
	defer raw.Close()
	mac, began, sent := d.CurrentMAC(), time.Now(), 0
	for pause(ctx, floodStep) {
		for due := int(time.Since(began).Seconds() * float64(f.PerSecond)); sent < due; sent++ {
			if f.MACs {
				mac = randomMAC()
			}
			if err := raw.Send(IP(RouterMAC(), mac, f.packet())); err != nil {
				return fmt.Errorf("flood %v: %w", f.To, err)
			}
		}
	}
	return nil
}

func (f Flood) packet() []byte {
	src := netip.AddrPortFrom(randomIn(f.Sources), uint16(1024+rand.N(60_000)))
	if f.SYN {
		return SYN(src, f.To, rand.Uint32())
	}
	return UDP(src, f.To, make([]byte, floodSize))
}

// randomMAC returns a MAC that nobody has: locally administered, like those of phones (IEEE 802c).
func randomMAC() MAC {
	m := MAC{0x0a}
	binary.BigEndian.PutUint32(m[2:], rand.Uint32())
	return m
}

// randomIn returns any address of a prefix.
func randomIn(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := range b {
		keep := min(max(p.Bits()-8*i, 0), 8)
		b[i] |= byte(rand.Uint32()) & (0xff >> keep)
	}
	a, _ := netip.AddrFromSlice(b) // a length that just came from an address
	return a
}
