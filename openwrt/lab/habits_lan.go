package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const portPrint = 9100 // raw printing, as AppSocket printers have it

var (
	mdnsGroup = netip.MustParseAddrPort("224.0.0.251:5353") // RFC 6762 section 3
	ssdpGroup = netip.MustParseAddrPort("239.255.255.250:1900")
)

// TakesJobs listens on the printer port and swallows what comes.
func TakesJobs() Habit {
	return func(ctx context.Context, d *Device) error {
		l, err := d.NS.listen(fmt.Sprintf(":%d", portPrint))
		if err != nil {
			return err
		}
		serveTCP(ctx, l, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		return nil
	}
}

// Prints sends a job of size bytes to another device of the home, each t. It finds it by the name that the
// router's resolver knows from DHCP.
func Prints(printer string, size int, t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		to, err := d.Lookup(ctx, "A", printer+".lan")
		if err != nil {
			return err
		}
		c, err := d.Dial(ctx, "tcp", netip.AddrPortFrom(to, portPrint))
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = io.CopyN(c, zeros{}, int64(size))
		return err
	})
}

// Responds announces the device by mDNS and answers questions for its name (RFC 6762 sections 6 and 8.3).
// service is like "_ipp._tcp".
func Responds(service string) Habit {
	return func(ctx context.Context, d *Device) error {
		c, err := d.NS.joinGroup(mdnsGroup)
		if err != nil {
			return err
		}
		defer closeWith(ctx, c)()
		for buf := make([]byte, maxDatagram); ; {
			if err := d.announce(c, service); err != nil {
				return err
			}
			if err := awaitQuestion(c, buf, d.Name); err != nil {
				return err
			}
		}
	}
}

// announce sends the device's records to everyone.
func (d *Device) announce(c *net.UDPConn, service string) error {
	msg, err := d.mdnsRecords(service)
	if err != nil {
		return err
	}
	_, err = c.WriteToUDPAddrPort(msg, mdnsGroup)
	return err
}

func (d *Device) mdnsRecords(service string) ([]byte, error) {
	const flush = 1 << 15 // cache-flush bit (RFC 6762 section 10.2)
	self, kind := d.Name+".local.", service+".local."
	instance := d.Name + "." + kind
	msg := dnsmessage.Message{Header: dnsmessage.Header{Response: true, Authoritative: true}}
	add := func(name string, class dnsmessage.Class, body dnsmessage.ResourceBody) {
		head := dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Class: class, TTL: 120}
		msg.Answers = append(msg.Answers, dnsmessage.Resource{Header: head, Body: body})
	}
	add(kind, dnsmessage.ClassINET, &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName(instance)})
	add(instance, dnsmessage.ClassINET|flush, &dnsmessage.SRVResource{Port: 631, Target: dnsmessage.MustNewName(self)})
	for _, a := range d.Addrs() {
		if a.Is4() {
			add(self, dnsmessage.ClassINET|flush, &dnsmessage.AResource{A: a.As4()})
		} else {
			add(self, dnsmessage.ClassINET|flush, &dnsmessage.AAAAResource{AAAA: a.As16()})
		}
	}
	return msg.Pack()
}

// reannounce is how often an mDNS responder speaks unasked.
const reannounce = 30 * time.Second

// awaitQuestion returns when someone asks for a service or for name, or it is time to speak again.
func awaitQuestion(c *net.UDPConn, buf []byte, name string) error {
	if err := c.SetReadDeadline(time.Now().Add(reannounce)); err != nil {
		return err
	}
	for {
		n, err := c.Read(buf)
		if isTimeout(err) {
			return nil
		} else if err != nil {
			return err
		}
		var msg dnsmessage.Message
		if msg.Unpack(buf[:n]) == nil && !msg.Response && asksFor(msg.Questions, name) {
			return nil
		}
	}
}

func asksFor(questions []dnsmessage.Question, name string) bool {
	for _, q := range questions {
		text := q.Name.String()
		if strings.HasPrefix(text, name+".") || strings.HasPrefix(text, "_") {
			return true
		}
	}
	return false
}

// AsksAround asks everyone for a service by mDNS, each t.
func AsksAround(service string, t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		request, err := packQuery(0, dnsmessage.TypePTR, service+".local")
		if err != nil {
			return err
		}
		return d.shout(mdnsGroup, request)
	})
}

// Notifies announces the device by SSDP, each t.
func Notifies(t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		text := fmt.Sprintf("NOTIFY * HTTP/1.1\r\nHOST: %s\r\nCACHE-CONTROL: max-age=1800\r\n"+
			"LOCATION: http://%s:8008/device.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"+
			"SERVER: Linux UPnP/1.0\r\nUSN: uuid:%s::upnp:rootdevice\r\n\r\n", ssdpGroup, d.IPv4(), d.MAC)
		return d.shout(ssdpGroup, []byte(text))
	})
}

// shout sends one datagram to a group, from the group's port.
func (d *Device) shout(group netip.AddrPort, datagram []byte) error {
	c, err := d.NS.joinGroup(group)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WriteToUDPAddrPort(datagram, group)
	return err
}

// joinGroup listens for a multicast group on the device's cable. Several sockets may do so at once.
func (n *NS) joinGroup(group netip.AddrPort) (c *net.UDPConn, err error) {
	err = n.Do(func() error {
		i, err := net.InterfaceByName(nic)
		if err != nil {
			return err
		}
		c, err = net.ListenMulticastUDP("udp4", i, net.UDPAddrFromAddrPort(group))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("join %v in %q: %w", group, n.name, err)
	}
	return c, nil
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
