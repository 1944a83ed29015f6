package lab

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// every repeats a habit with pauses of t, a quarter more or less, the first after a part of it: the devices
// of a home are not in step.
func every(t time.Duration, do Habit) Habit {
	return func(ctx context.Context, d *Device) error {
		if !pause(ctx, rand.N(t/4+1)) {
			return nil
		}
		for {
			if err := do(ctx, d); err != nil {
				return err
			}
			if !pause(ctx, t*3/4+rand.N(t/2)) {
				return nil
			}
		}
	}
}

// Beacons sends a datagram of size bytes to a name, one each t, and reads what comes back.
func Beacons(name string, port uint16, size int, t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		c, err := d.DialName(ctx, "udp", name, port)
		if err != nil {
			return err
		}
		defer c.Close()
		return roundTrip(c, make([]byte, size))
	})
}

// AsksTime asks a time server, one request each t.
func AsksTime(name string, t time.Duration) Habit {
	request := make([]byte, 48)
	request[0] = 4<<3 | 3 // version 4, client (RFC 5905 section 7.3)
	return every(t, func(ctx context.Context, d *Device) error {
		c, err := d.DialName(ctx, "udp", name, portNTP)
		if err != nil {
			return err
		}
		defer c.Close()
		return roundTrip(c, request)
	})
}

// roundTrip sends one datagram and waits for the answer.
func roundTrip(c net.Conn, request []byte) error {
	if err := c.SetDeadline(time.Now().Add(dnsTimeout)); err != nil {
		return err
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	_, err := c.Read(make([]byte, maxDatagram))
	return err
}

// Calls talks over UDP for some time, 20 datagrams a second both ways, and then rests for t.
func Calls(name string, length, t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		c, err := d.DialName(ctx, "udp", name, portCall)
		if err != nil {
			return err
		}
		defer c.Close()
		voice := make([]byte, 160)
		for range length / (50 * time.Millisecond) {
			if err := roundTrip(c, voice); err != nil {
				return err
			}
			if !pause(ctx, 50*time.Millisecond) {
				return nil
			}
		}
		return nil
	})
}

// KeepsOpen holds one TLS connection and says something small each t.
func KeepsOpen(name string, port uint16, t time.Duration) Habit {
	return func(ctx context.Context, d *Device) error {
		c, err := d.DialTLS(ctx, name, port)
		if err != nil {
			return err
		}
		defer c.Close()
		buf := make([]byte, 40)
		return every(t, func(context.Context, *Device) error {
			if err := c.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
				return err
			}
			if _, err := c.Write(buf); err != nil {
				return err
			}
			_, err := io.ReadFull(c, buf)
			return err
		})(ctx, d)
	}
}

// AsksHTTPS asks for the HTTPS record of one of the names (RFC 9460), each t, a third of the times over TCP.
func AsksHTTPS(t time.Duration, names ...string) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		network := "udp"
		if rand.N(3) == 0 {
			network = "tcp"
		}
		name := names[rand.N(len(names))]
		if _, err := d.query(ctx, network, dnsmessage.TypeHTTPS, name); err != nil {
			return fmt.Errorf("ask for %q: %w", name, err)
		}
		return nil
	})
}
