package firewall

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"spinneret/openwrt/lab"
)

// announced is a table that has conntrack read FTP, and counts what that lets begin.
const announced = `table inet helped {
	ct helper reader {
		type "ftp" protocol tcp
	}
	chain read {
		type filter hook prerouting priority filter
		tcp dport 21 ct helper set "reader"
	}
	chain count {
		type filter hook forward priority -10
		ct state related counter
	}
}`

// announces serves FTP's control connection: whoever says a line is told a port for data (RFC 959 section 4.2).
func (h *house) announces(t *testing.T) {
	t.Helper()
	serves(t, h.Internet(), port(h.server4, 21), func(c net.Conn) {
		fmt.Fprint(c, "220 here\r\n")
		if line, err := bufio.NewReader(c).ReadString('\n'); err == nil {
			host := strings.ReplaceAll(h.server4.String(), ".", ",")
			fmt.Fprintf(c, "227 there (%s,8,%s)\r\n", host, strings.TrimSpace(line))
		}
	})
}

// askData has the camera told of a port for data, 2048 and n.
func (h *house) askData(t *testing.T, n int) {
	t.Helper()
	c, err := h.cam.Dial(t.Context(), "tcp", port(h.server4, 21))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	lines := bufio.NewReader(c)
	for _, say := range []string{fmt.Sprintln(n), ""} {
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, say)
	}
}

// What a helper of conntrack's expects is related to a connection that the maker allows, and not allowed by that.
func TestAConnectionThatAnotherAnnouncedIsJudged(t *testing.T) {
	h := startHouse(t, lab.Options{})
	run(t, h.Router(), announced, "nft", "-f", "-")
	h.announces(t)
	x := openWires(t, h)
	related := func() bool {
		return !strings.Contains(run(t, h.Router(), "", "nft", "list", "chain", "inet", "helped", "count"), " 0 bytes")
	}
	n := 0
	for _, drops := range []string{"", `drop "ipv4":{"destination-ipv4-network":"203.0.113.1/32"}` + "\n"} {
		s := h.state()
		s.Profiles = []Profile{h.profile(t, Enforce, false)}
		s.Profiles[0].Policy = agreed(policy(t, false, drops+`"ipv4":{"protocol":6,"destination-ipv4-network":"198.51.100.77/32"},"tcp":{"destination-port":{"port":21}}`, ""))
		apply(t, h.firewall, s)
		n++
		before, mark := h.refused(t, false), fmt.Appendf(nil, "data of connection %d", n)
		h.askData(t, n)
		x.out.send(t, tcpFrame(routerMAC, x.cam, port(x.cam4, 41000), port(h.server4, uint16(2048+n)), lab.FlagSYN)(mark))
		eventually(t, "it is refused", func() bool { return h.refused(t, false) > before })
		if x.server.carries(mark) > 0 || !related() {
			t.Errorf("after %q: arrived %d times, related %v", drops, x.server.carries(mark), related())
		}
	}
}
