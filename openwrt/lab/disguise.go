package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// SendAs sends a datagram to the internet with another device's MAC and IPv4 address.
func (d *Device) SendAs(other *Device, to netip.AddrPort, payload []byte) error {
	from := netip.AddrPortFrom(other.IPv4(), 40_000)
	return d.SendFrame(IP(RouterMAC(), ParseMAC(other.MAC), UDP(from, to, payload)))
}

// ChangeMAC gives the device another MAC, as phones do and as one does to get away, and returns when it is
// online with it under the same hostname. Its field MAC stays what it was built with. Habits must be stopped.
func (d *Device) ChangeMAC(ctx context.Context, to MAC) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	d.dhcp.stop()
	err := d.NS.batch(ctx, []string{
		"link set " + nic + " down",
		"addr flush dev " + nic,
		fmt.Sprintf("link set %s address %x:%x:%x:%x:%x:%x", nic, to[0], to[1], to[2], to[3], to[4], to[5]),
		"link set " + nic + " up",
	})
	if err != nil {
		return fmt.Errorf("change MAC of %s: %w", d.Name, err)
	}
	return d.getAddresses(ctx)
}

// HammerDHCP asks for n addresses of the router's pool, each under another made-up MAC.
func (d *Device) HammerDHCP(n int) error {
	raw, err := d.NS.OpenRaw(nic)
	if err != nil {
		return err
	}
	defer raw.Close()
	from := netip.AddrPortFrom(netip.IPv4Unspecified(), 68)
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), 67)
	for i := range n {
		mac := MAC{0x06, byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32()), byte(i >> 8), byte(i)}
		wanted := netip.AddrFrom4([4]byte{192, 168, 1, byte(100 + i%100)})
		if err := raw.Send(IP(Broadcast, mac, UDP(from, to, dhcpRequest(mac, wanted)))); err != nil {
			return fmt.Errorf("hammer DHCP: %w", err)
		}
	}
	return nil
}

// dhcpRequest is what a client sends that had an address before it was switched off (RFC 2131 section 4.3.2).
func dhcpRequest(mac MAC, wanted netip.Addr) []byte {
	b := make([]byte, 236) // RFC 951's part
	const request, ethernet = 1, 1
	b[0], b[1], b[2] = request, ethernet, byte(len(mac))
	binary.BigEndian.PutUint32(b[4:], rand.Uint32())
	copy(b[28:], mac[:])
	b = append(b, 0x63, 0x82, 0x53, 0x63) // the cookie that options follow
	b = append(b, 53, 1, 3)               // message type: request
	b = append(append(b, 50, 4), wanted.AsSlice()...)
	return append(b, 255)
}
