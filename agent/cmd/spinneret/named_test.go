package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"spinneret/agent"
	"spinneret/openwrt/lab/expect"
)

// TestFlowsAreNamedAsTsharkNamesThem replays devices that are being set up. Of the flows to public addresses for which
// tshark finds a name in the same file, in any DNS answer with the address or in the flow's own TLS hello, we are to
// name nine of ten, and none by a name that tshark does not find. Of each model the first capture is read; SOAK=1
// reads all.
func TestFlowsAreNamedAsTsharkNamesThem(t *testing.T) {
	var all score
	for _, path := range setUps(t) {
		s := judge(t, path)
		t.Logf("%-40s %3d flows to public addresses, tshark names %3d, we name %3d of those", filepath.Base(path), s.flows, s.theirs, s.ours)
		for _, what := range s.missed {
			t.Logf("  not named: %s", what)
		}
		for _, what := range s.otherwise {
			t.Errorf("%s: named otherwise: %s", filepath.Base(path), what)
		}
		all.add(s)
	}
	t.Logf("in all %d flows to public addresses, tshark names %d, we name %d of those", all.flows, all.theirs, all.ours)
	if all.theirs < 100 || all.ours*10 < all.theirs*9 {
		t.Errorf("%d of %d flows are named, want nine of ten", all.ours, all.theirs)
	}
}

// setUps are the captures to read.
func setUps(t *testing.T) (paths []string) {
	data := expect.ThirdParty(t)
	found, err := filepath.Glob(filepath.Join(data, "pcap", "iot-sentinel", "*.pcap"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no captures in %s: %v", data, err)
	}
	last := ""
	for _, path := range found {
		model, _, _ := strings.Cut(filepath.Base(path), "-Setup-")
		if model != last || os.Getenv("SOAK") != "" {
			paths = append(paths, path)
		}
		last = model
	}
	return paths
}

// conversation is a flow to a public address, as far as the two programs speak of it alike.
type conversation struct {
	protocol               string
	remote                 netip.Addr
	remotePort, devicePort uint16
}

func (c conversation) String() string {
	return fmt.Sprintf("%s %v:%d from port %d", c.protocol, c.remote, c.remotePort, c.devicePort)
}

// score is how many flows there are, and who names them.
type score struct {
	flows, theirs, ours int
	missed, otherwise   []string
}

func (s *score) add(o score) {
	s.flows += o.flows
	s.theirs += o.theirs
	s.ours += o.ours
}

func judge(t *testing.T, path string) (s score) {
	t.Helper()
	theirs, ours := readByTshark(t, path), readByUs(t, path)
	s.flows = len(theirs)
	for c, names := range theirs {
		if len(names) == 0 {
			continue
		}
		s.theirs++
		switch name := ours[c]; {
		case name == "":
			s.missed = append(s.missed, fmt.Sprint(c, " ", names))
		case !names[name]:
			s.otherwise = append(s.otherwise, fmt.Sprint(c, " ", name, ", tshark: ", names))
		default:
			s.ours++
		}
	}
	return s
}

func readByUs(t *testing.T, path string) map[conversation]string {
	t.Helper()
	stdout, stderr, code := program(t, "replay", "-speed", "max", "-json", path)
	var r agent.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 {
		t.Fatalf("exit code %d: %s %v", code, stderr, err)
	}
	named := map[conversation]string{}
	for _, f := range r.Flows {
		if f.Name != nil && f.RemotePort != nil {
			named[conversation{f.Protocol, netip.MustParseAddr(*f.Remote), *f.RemotePort, *f.DevicePort}] = *f.Name
		}
	}
	return named
}

// tsharkFields are what tshark is asked for of each packet.
var tsharkFields = []string{
	"ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport",
	"tls.handshake.extensions_server_name", "dns.qry.name", "dns.resp.name", "dns.a", "dns.aaaa",
}

// packetByTshark is one line of it, by field.
type packetByTshark map[string]string

// end is an address and a port of a packet, the outer ones of a tunnel; not valid where it has none.
func (p packetByTshark) end(side string) netip.AddrPort {
	first := func(fields ...string) string {
		return append(p.all(fields...), "")[0]
	}
	addr, _ := netip.ParseAddr(first("ip."+side, "ipv6."+side))
	port, _ := strconv.ParseUint(first("tcp."+side+"port", "udp."+side+"port"), 10, 16)
	return netip.AddrPortFrom(addr, uint16(port))
}

func (p packetByTshark) all(fields ...string) (values []string) {
	for _, f := range fields {
		if p[f] != "" {
			values = append(values, strings.Split(strings.ToLower(p[f]), ",")...)
		}
	}
	return values
}

func (p packetByTshark) conversation() (c conversation, ok bool) {
	c.protocol = "udp"
	if p["tcp.srcport"] != "" {
		c.protocol = "tcp"
	}
	device, remote := p.end("src"), p.end("dst")
	if public(device.Addr()) {
		device, remote = remote, device
	}
	c.remote, c.remotePort, c.devicePort = remote.Addr(), remote.Port(), device.Port()
	return c, public(c.remote) && !public(device.Addr()) && c.remotePort != 0
}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

// readByTshark gives the names that a capture has for each flow, none for some.
func readByTshark(t *testing.T, path string) map[conversation]map[string]bool {
	t.Helper()
	hosts, found := map[string][]string{}, map[conversation]map[string]bool{}
	for _, p := range askTshark(t, path) {
		for _, a := range p.all("dns.a", "dns.aaaa") {
			hosts[a] = append(hosts[a], p.all("dns.qry.name", "dns.resp.name")...)
		}
		c, ok := p.conversation()
		if !ok {
			continue
		}
		if found[c] == nil {
			found[c] = map[string]bool{}
		}
		for _, name := range p.all("tls.handshake.extensions_server_name") {
			found[c][name] = true
		}
	}
	for c, names := range found {
		for _, name := range hosts[c.remote.String()] {
			names[name] = true
		}
	}
	return found
}

func askTshark(t *testing.T, path string) (packets []packetByTshark) {
	t.Helper()
	args := []string{"-n", "-r", path, "-Y", "(tcp or udp) and not icmp and not icmpv6", "-T", "fields", "-E", "separator=|", "-E", "aggregator=,"}
	for _, f := range tsharkFields {
		args = append(args, "-e", f)
	}
	out, err := exec.CommandContext(t.Context(), "tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark %s: %v", path, err)
	}
	for line := range strings.Lines(string(out)) {
		values := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(values) != len(tsharkFields) {
			t.Fatalf("tshark says %q of %s", line, path)
		}
		p := packetByTshark{}
		for i, v := range values {
			p[tsharkFields[i]] = v
		}
		packets = append(packets, p)
	}
	return packets
}
