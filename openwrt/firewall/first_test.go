package firewall

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

// TestLongConnectionsAreLetGoButForDNS sends more packets in each connection than any server's name takes.
func TestLongConnectionsAreLetGoButForDNS(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state()
	state.Log.First = true
	apply(t, h.firewall, state)
	packets, names := listen(t, h.Router(), logged.Group), listen(t, h.Router(), logged.DNSGroup)

	const sent = 2 * helloTCP
	talk(t, h.laptop.NS, port(h.server4, 53), sent)
	talk(t, h.laptop.NS, port(h.server4, 443), sent)
	talk(t, h.laptop.NS, port(h.server4, 9000), sent)
	talk(t, h.laptop.NS, port(h.server4, 9001), 1) // the last
	eventually(t, "the last packet is logged", func() bool { return len(packets.with("to 9001")) == 1 })
	eventually(t, "every DNS question is logged", func() bool { return len(names.with("to 53")) == sent })
	for mark, want := range map[string]int{"to 443": helloUDP - 1, "to 9000": firstPacket - 1, "to 53": 0} {
		if got := len(packets.with(mark)); got != want {
			t.Errorf("of %d packets %q %d were logged, want %d", sent, mark, got, want)
		}
	}
}

// talk sends n datagrams in one connection.
func talk(t *testing.T, from *lab.NS, to netip.AddrPort, n int) {
	t.Helper()
	c, err := from.Dial(t.Context(), "udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range n {
		// That a port is closed comes back as an error of the datagram after, which is then not sent.
		for _, err = fmt.Fprintf(c, "to %d.", to.Port()); errors.Is(err, unix.ECONNREFUSED); {
			_, err = fmt.Fprintf(c, "to %d.", to.Port())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
