package lab

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"time"
)

// The ports that the internet answers on, at each of its addresses: DNS, HTTP, NTP, HTTPS, MQTT over TLS
// (as an echo), STUN and one of a light bulb's maker (UDP echoes).
const (
	portDNS    = 53
	portNTP    = 123
	portCall   = 3478
	portBeacon = 7777
)

// startServers starts everything that answers in the internet.
func (h *Home) startServers() (err error) {
	if h.ca, err = newAuthority(time.Now()); err != nil {
		return err
	}
	h.web = &web{served: map[string]*Served{}}
	for port, answer := range map[int]func([]byte) []byte{
		portDNS: h.names.answer, portNTP: answerNTP, portCall: echo, portBeacon: echo,
	} {
		if err := h.serveUDP(h.internet, port, answer); err != nil {
			return err
		}
	}
	for address, serve := range map[string]func(net.Listener){
		":53":   func(l net.Listener) { serveTCP(h.ctx, l, h.names.serveConn) },
		":80":   func(l net.Listener) { h.serveWeb(l, false) },
		":443":  func(l net.Listener) { h.serveWeb(l, true) },
		":8883": func(l net.Listener) { serveTCP(h.ctx, l, h.serveEcho) },
	} {
		l, err := h.internet.listen(address)
		if err != nil {
			return err
		}
		h.tasks.Go(func() { serve(l) })
	}
	return nil
}

func echo(request []byte) []byte { return request }

// serveEcho sends back what comes over TLS.
func (h *Home) serveEcho(c net.Conn) {
	s := tls.Server(c, h.ca.serverConfig())
	_, _ = io.Copy(s, s) // ends as the client does
}

// answerNTP answers a client's request (RFC 5905 section 7.3) as a stratum 2 server.
func answerNTP(request []byte) []byte {
	const client, server, size = 3, 4, 48
	if len(request) < size || request[0]&7 != client {
		return nil
	}
	out := make([]byte, size)
	out[0] = request[0]&0x38 | server // its version, no leap second
	out[1], out[2], out[3] = 2, request[2], 0xec
	copy(out[12:16], "LAB\x00")
	copy(out[24:32], request[40:48]) // its transmit time is our originate time
	now := ntpTime(time.Now())
	for _, at := range []int{16, 32, 40} { // reference, receive, transmit
		binary.BigEndian.PutUint64(out[at:], now)
	}
	return out
}

// ntpTime is seconds since 1900 and their fraction, 32 bits each.
func ntpTime(t time.Time) uint64 {
	const from1900to1970 = 2_208_988_800
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return uint64(t.Unix()+from1900to1970)<<32 | fraction
}
