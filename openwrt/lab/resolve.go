package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	dnsTimeout = 2 * time.Second
	dnsTries   = 3
)

// errNoAddress says that a name exists without an address of the kind that was asked for, or not at all.
var errNoAddress = errors.New("no address")

// Lookup asks the router's resolver for an address of a name, as the device's own stub resolver would: a new
// source port each time, no cache. typ is "A" or "AAAA".
func (d *Device) Lookup(ctx context.Context, typ, name string) (netip.Addr, error) {
	return d.LookupOver(ctx, "udp", typ, name)
}

// LookupOver is Lookup over "udp", over "tcp" as where an answer came truncated, or, "elsewhere", over UDP of a server on the
// internet that is not there: a router that leads all questions to itself answers in its name.
func (d *Device) LookupOver(ctx context.Context, network, typ, name string) (netip.Addr, error) {
	t := dnsmessage.TypeA
	if typ == "AAAA" {
		t = dnsmessage.TypeAAAA
	}
	answers, err := d.query(ctx, network, t, name)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("look up %s %q: %w", typ, name, err)
	}
	for _, a := range answers {
		switch body := a.Body.(type) {
		case *dnsmessage.AResource:
			return netip.AddrFrom4(body.A), nil
		case *dnsmessage.AAAAResource:
			return netip.AddrFrom16(body.AAAA), nil
		}
	}
	return netip.Addr{}, fmt.Errorf("look up %s %q: %w", typ, name, errNoAddress)
}

// query asks the router's resolver, again where a datagram got lost.
func (d *Device) query(ctx context.Context, network string, t dnsmessage.Type, name string) ([]dnsmessage.Resource, error) {
	id := uint16(rand.Uint32())
	request, err := packQuery(id, t, name)
	if err != nil {
		return nil, err
	}
	for range dnsTries {
		var answer []byte
		if answer, err = d.exchange(ctx, network, request); err == nil {
			return unpackAnswer(id, answer)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

func packQuery(id uint16, t dnsmessage.Type, name string) ([]byte, error) {
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return nil, fmt.Errorf("pack query: %w", err)
	}
	msg := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: t, Class: dnsmessage.ClassINET}},
	}
	return msg.Pack()
}

func unpackAnswer(id uint16, answer []byte) ([]dnsmessage.Resource, error) {
	var msg dnsmessage.Message
	if err := msg.Unpack(answer); err != nil {
		return nil, fmt.Errorf("unpack answer: %w", err)
	}
	if msg.ID != id {
		return nil, fmt.Errorf("unpack answer: id %d, asked with %d", msg.ID, id)
	}
	return msg.Answers, nil
}

// exchange sends one query to the router and returns what comes back.
func (d *Device) exchange(ctx context.Context, network string, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	server := lanRouter4.Addr()
	if network == "elsewhere" {
		network, server = "udp", netip.AddrFrom4([4]byte{203, 0, 113, 53})
	}
	c, err := d.Dial(ctx, network, netip.AddrPortFrom(server, portDNS))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if network == "tcp" {
		return exchangeTCP(c, request)
	}
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	buf := make([]byte, maxDatagram)
	n, err := c.Read(buf)
	return buf[:n], err
}

// exchangeTCP puts the length before the message (RFC 1035 section 4.2.2).
func exchangeTCP(c net.Conn, request []byte) ([]byte, error) {
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(request)))
	if _, err := c.Write(append(framed, request...)); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(c, answer)
	return answer, err
}
