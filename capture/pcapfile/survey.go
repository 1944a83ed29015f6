package pcapfile

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"sort"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// defaultLAN are the prefixes of a home whose owner does not tell them: RFC 1918, 3927, 4193 and 4291.
var defaultLAN = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
}

// SurveyConfig is what is known of the home before its files are read.
type SurveyConfig struct {
	LAN     []netip.Prefix // empty: the private prefixes and those that router advertisements announce
	Routers []packet.MAC   // empty: found by what they do
}

// Survey reads the files at paths to find the home that they were recorded in: its prefixes, the MACs of its
// routers and their addresses. Without Routers, a MAC is a router's if it answers DHCP (UDP source 67), sends
// router advertisements, or sends from two or more IPv4 addresses (IPv6: two or more /64s) outside the home and
// never from UDP 68; with many such addresses it must be sent something for outside, or bring an answer from there, which
// who only forges them never does. A router's addresses are those of the home that it sends from and no device does; so what
// it forwards between two LANs is not taken for its own.
//
// The files are read once for the advertised prefixes, unless LAN is given, and once for the rest: which
// addresses are outside depends on all of them.
func Survey(ctx context.Context, c SurveyConfig, paths ...string) (*capture.Home, error) {
	s := survey{lan: c.LAN, senders: map[packet.MAC]*sender{}}
	if len(c.LAN) == 0 {
		a := advertised{}
		if err := eachPacket(ctx, paths, a.add); err != nil {
			return nil, err
		}
		s.lan = slices.Concat(defaultLAN, a.prefixes())
	}
	if err := eachPacket(ctx, paths, s.add); err != nil {
		return nil, err
	}
	return s.home(c.Routers), nil
}

// eachPacket hands the packets of all files to fn, one file after the other.
func eachPacket(ctx context.Context, paths []string, fn func(*packet.Packet)) error {
	for _, path := range paths {
		m, err := OpenMerged(0, path)
		if err != nil {
			return err
		}
		err = m.Run(ctx, fn)
		m.Close() // of a file that was only read
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

const (
	maxSenders = 16384 // MACs that are watched; a flood of made-up ones is not let to take more
	maxOwn     = 32    // addresses noted of one MAC
)

// survey collects what each MAC sends.
type survey struct {
	lan     []netip.Prefix
	senders map[packet.MAC]*sender
}

func (s *survey) add(p *packet.Packet) {
	if !p.SrcMAC.IsUnicast() || !p.Src.IsValid() {
		return
	}
	if from := s.sender(p.SrcMAC); from != nil {
		from.roles(p)
		from.address(s.lan, p)
	}
	if p.IsIP() && p.DstMAC.IsUnicast() && isOutside(s.lan, p.Dst) {
		if via := s.sender(p.DstMAC); via != nil {
			via.forwards = true
		}
	}
}

// sender is what is known of a MAC; nil where there is no room for another.
func (s *survey) sender(mac packet.MAC) *sender {
	known := s.senders[mac]
	if known == nil && len(s.senders) < maxSenders {
		known = &sender{}
		s.senders[mac] = known
	}
	return known
}

func (s *survey) home(routers []packet.MAC) *capture.Home {
	h := &capture.Home{LAN: s.lan, RouterMACs: slices.Clone(routers)}
	if len(routers) == 0 {
		for mac, sender := range s.senders {
			if sender.isRouter() {
				h.RouterMACs = append(h.RouterMACs, mac)
			}
		}
	}
	sort.Slice(h.RouterMACs, func(i, j int) bool { return bytes.Compare(h.RouterMACs[i][:], h.RouterMACs[j][:]) < 0 })
	h.RouterAddrs = s.routerAddrs(h.RouterMACs)
	return h
}

// routerAddrs returns the addresses of the home that routers send from and nobody else does.
func (s *survey) routerAddrs(routers []packet.MAC) []netip.Addr {
	var addrs []netip.Addr
	devices := map[netip.Addr]bool{}
	for mac, sender := range s.senders {
		if slices.Contains(routers, mac) {
			addrs = append(addrs, sender.own...)
			continue
		}
		for _, addr := range sender.own {
			devices[addr] = true
		}
	}
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return devices[a] })
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs)
}
