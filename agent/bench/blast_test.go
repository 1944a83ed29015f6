package bench

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"

	"spinneret/openwrt/lab"
)

const (
	payload   = 100 // bytes of UDP
	batch     = 64  // datagrams a system call
	firstPort = 10000
	uplink    = "home0"          // the provider's end of the home's cable
	sink      = "198.51.100.200" // an address of the lab's internet where nobody answers
)

// blast sends small datagrams from a device to the internet for the given time, as fast as it can, spread over so
// many flows, and returns how many arrived there.
func blast(t testing.TB, home *lab.Home, device *lab.Device, flows int, d time.Duration) uint64 {
	t.Helper()
	before := arrived(t, home)
	err := device.NS.Do(func() error {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{})
		if err != nil {
			return err
		}
		defer conn.Close()
		return send(ipv4.NewPacketConn(conn), flows, d)
	})
	if err != nil {
		t.Fatalf("blast: %v", err)
	}
	return arrived(t, home) - before
}

// send does not look at the clock for every batch: it is to fill the router, not to tell the time.
func send(conn *ipv4.PacketConn, flows int, d time.Duration) error {
	data := make([]byte, payload)
	messages := make([]ipv4.Message, batch)
	targets := make([]net.UDPAddr, flows)
	for i := range targets {
		targets[i] = net.UDPAddr{IP: net.ParseIP(sink), Port: firstPort + i}
	}
	end := time.Now().Add(d)
	for next := 0; time.Now().Before(end); {
		for i := range messages {
			messages[i] = ipv4.Message{Buffers: [][]byte{data}, Addr: &targets[next]}
			next = (next + 1) % flows
		}
		if _, err := conn.WriteBatch(messages, 0); err != nil {
			return err
		}
	}
	return nil
}

// arrived is how many packets the internet received from the home so far.
func arrived(t testing.TB, home *lab.Home) (packets uint64) {
	t.Helper()
	err := home.Internet().Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			name, counters, _ := strings.Cut(strings.TrimSpace(line), ":")
			if name != uplink {
				continue
			}
			packets, err = strconv.ParseUint(strings.Fields(counters)[1], 10, 64)
			return err
		}
		return fmt.Errorf("no interface %s", uplink)
	})
	if err != nil {
		t.Fatalf("count what arrived: %v", err)
	}
	return packets
}
