package firewall

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"spinneret/openwrt/lab"
)

// neighbours are tables as other packages of OpenWrt make them: banip's sets, sqm's hook at the device, and mwan3, which
// has 0x3f00 of each packet's mark choose the way out, and keeps it with the connection.
const neighbours = `
table inet banIP {
	set blocklist {
		type ipv4_addr
		elements = { 192.0.2.66 }
	}
	chain lan-forward {
		type filter hook forward priority -100; policy accept;
		ip daddr @blocklist counter drop
	}
}
table netdev sqm {
	chain in {
		type filter hook ingress device "` + lab.WAN + `" priority -500; policy accept;
		counter
	}
}
table ip mwan3 {
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		iifname "` + lab.Bridge + `" meta mark set meta mark & 0xffffc0ff | 0x100
		ct mark set meta mark & 0x3f00
	}
	chain postrouting {
		type filter hook postrouting priority 300; policy accept;
		oifname "` + lab.WAN + `" meta mark & 0x3f00 == 0x100 ct mark & 0x3f00 == 0x100 counter
	}
}
`

// TestOthersComeAndGoBesideUs: their tables, and fw4 loaded anew as /etc/init.d/firewall reload does, change nothing of
// ours, and ours nothing of theirs; their marks pass through our rules.
func TestOthersComeAndGoBesideUs(t *testing.T) {
	h := startHouse(t, lab.Options{})
	router := h.Router()
	nft := func(text string) { run(t, router, text, "nft", "-f", "-") }
	var losses atomic.Int32
	end := h.watch(t, func() { losses.Add(1) })
	held := h.state(cut(t, h.cam))
	apply(t, h.firewall, held)
	own := h.own(t)

	nft(neighbours)
	theirs := h.theirs(t)
	nft("table inet fw4\nflush table inet fw4\n" + run(t, router, "", "nft", "list", "table", "inet", "fw4"))
	if got := h.own(t); got != own || !h.proof(t, h.cam).InForce {
		t.Errorf("ours are not what they were:\n%s", got)
	}
	apply(t, h.firewall, h.state())
	apply(t, h.firewall, held)
	if got := h.theirs(t); got != theirs {
		t.Errorf("theirs are not what they were:\n%s\nwere\n%s", got, theirs)
	}
	marked := regexp.MustCompile(`0x00000100 counter packets [1-9]`)
	s := udpStream(t, "tv", h.tv.NS, h.Internet(), port(h.server4, 9000))
	eventually(t, "another device is heard", func() bool { return s.received.Load() > 3 })
	if chain := run(t, router, "", "nft", "list", "chain", "ip", "mwan3", "postrouting"); !marked.MatchString(chain) {
		t.Errorf("the marks did not come through:\n%s", chain)
	}
	nft("delete table inet banIP\ndelete table netdev sqm\ndelete table ip mwan3")
	end()
	if losses.Load() != 0 || !h.proof(t, h.cam).InForce {
		t.Errorf("told %d times of harm to our tables", losses.Load())
	}
}

func (h *house) own(t *testing.T) string {
	t.Helper()
	return normalise(run(t, h.Router(), "", "nft", "list", "table", "inet", tableName) + run(t, h.Router(), "", "nft", "list", "table", "bridge", tableName))
}

func (h *house) theirs(t *testing.T) string {
	t.Helper()
	var all string
	for _, table := range []string{"inet banIP", "netdev sqm", "ip mwan3"} {
		all += run(t, h.Router(), "", "nft", append([]string{"-a", "-s", "list", "table"}, strings.Fields(table)...)...)
	}
	return all
}

// TestNoMarkIsOurs: others' rules and routes hang on them (mwan3, VPN policies, sqm).
func TestNoMarkIsOurs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.nft")
	if err != nil || len(files) < 10 {
		t.Fatalf("only %d rulesets: %v", len(files), err)
	}
	mark := regexp.MustCompile(`(meta|ct) mark|mark set|secmark`)
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := mark.Find(text); found != nil {
			t.Errorf("%s has %s", path, found)
		}
	}
}
