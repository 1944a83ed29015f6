package agent

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/names"
)

const (
	portDNS         = 53
	questionTimeout = 2 * time.Second
	maxAnswer       = 1232 // octets over UDP: what is larger has more addresses than anybody needs
)

// askAll asks the first server that answers for the addresses of a name, of both families. What it cannot tell is asked
// for again later.
func askAll(ctx context.Context, servers []netip.Addr, name string) (addrs []netip.Addr) {
	for _, server := range servers[:min(len(servers), 2)] {
		answered := false
		for _, t := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
			hosts, err := ask(ctx, netip.AddrPortFrom(server, portDNS), name, t)
			answered = answered || err == nil
			for _, h := range hosts {
				addrs = append(addrs, h.Addr)
			}
		}
		if answered {
			break
		}
	}
	return addrs
}

// ask asks one question over UDP. The name is asked for as it is: no search domain is tried.
func ask(ctx context.Context, server netip.AddrPort, name string, t dnsmessage.Type) ([]names.Host, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	id, query, err := question(name, t)
	if err != nil {
		return nil, err
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "udp", server.String())
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", server, err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // fails only on a closed one
	defer stop()
	if _, err := c.Write(query); err != nil {
		return nil, fmt.Errorf("ask %s: %w", server, err)
	}
	buf := make([]byte, maxAnswer)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", server, err)
		}
		if hosts, ok := names.Read(buf[:n], id, name); ok {
			return hosts, nil
		}
	}
}

// question is a query with the root's dot at the end of the name.
func question(name string, t dnsmessage.Type) (id uint16, query []byte, err error) {
	var random [2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return 0, nil, err
	}
	id = binary.BigEndian.Uint16(random[:])
	full, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return 0, nil, fmt.Errorf("ask for %q: %w", name, err)
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: full, Type: t, Class: dnsmessage.ClassINET}},
	}
	query, err = m.Pack()
	return id, query, err
}
