package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// description is a MUD file with entries of both directions; %s in them is the family.
func description(url string, from, to []string) string {
	list := func(side string, entries []string) (lists string) {
		for i, family := range []string{"ipv4", "ipv6"} {
			aces := ""
			for j, e := range entries {
				if j > 0 {
					aces += ","
				}
				aces += fmt.Sprintf(`{"name":"%s%d%d","matches":%s,"actions":{"forwarding":"accept"}}`, side, i, j, fmt.Sprintf(e, family))
			}
			lists += fmt.Sprintf(`{"name":"%s-%s","type":"%s-acl-type","aces":{"ace":[%s]}},`, side, family, family, aces)
		}
		return lists
	}
	policy := func(side string) string {
		return fmt.Sprintf(`{"access-lists":{"access-list":[{"name":"%s-ipv4"},{"name":"%s-ipv6"}]}}`, side, side)
	}
	acls := list("from", from) + list("to", to)
	return fmt.Sprintf(`{"ietf-mud:mud":{"mud-version":1,"mud-url":"%s","last-update":"2026-01-01T00:00:00Z","is-supported":true,
"from-device-policy":%s,"to-device-policy":%s},"ietf-access-control-list:acls":{"acl":[%s]}}`,
		url, policy("from"), policy("to"), acls[:len(acls)-1])
}

// toName is an entry for what the device opens to a name.
func toName(name string, port int) string {
	return fmt.Sprintf(`{"%%s":{"protocol":6,"ietf-acldns:dst-dnsname":"%s"},"tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":%d}}}`, name, port)
}

// describe gives a device a file, and waits until the kernel holds it and what it does not allow has ended.
func (a *agent) describe(d *lab.Device, file, mode string) {
	a.t.Helper()
	a.device(d)
	var m ui.MUD
	a.ask(http.MethodPut, "devices/"+d.MAC+"/mud", `{"mode":"`+mode+`","file":`+file+`}`, &m)
	a.eventually("the profile is in force", func() bool {
		held := strings.Contains(nftList(a.home.Router(), "map", "inet", "spinneret_mud", "mud_from"), d.MAC)
		return held && a.status().Firewall.State == "applied"
	})
}

// TestNamesBehindRotatingAddresses: each answer has an address that nobody had, and the device's first packet follows the
// answer at once. None is refused, and few are sent a second time.
func TestNamesBehindRotatingAddresses(t *testing.T) {
	const connections, workers, perSecond = 200, 4, 160 // faster than any home asks
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.describe(cam, description("https://maker.example/cam", []string{toName("up.rotating.example", 443)}, nil), "enforce")
	nft(t, home.Router(), "table inet led {\n chain before { type nat hook prerouting priority dstnat;\n iifname "+lab.Bridge+" udp dport 53 redirect\n }\n }")
	var mu sync.Mutex
	var took []time.Duration
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			pace := time.NewTicker(workers * time.Second / perSecond)
			defer pace.Stop()
			for i := range connections / workers {
				<-pace.C
				d, err := connect(t.Context(), cam, []string{"udp", "elsewhere"}[i/2%2], []string{"AAAA", "A"}[i%2])
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				took = append(took, d)
				mu.Unlock()
			}
		})
	}
	work.Wait()
	slices.Sort(took)
	late := len(took) - slices.IndexFunc(append(took, time.Hour), func(d time.Duration) bool { return d > 900*time.Millisecond }) // a lost one is sent again after a second
	t.Logf("of %d connections %d were late; half took %v, the slowest %v", len(took), late, took[len(took)/2], took[len(took)-1])
	if late > len(took)/100 {
		t.Errorf("%d of %d first packets came before their name was known", late, len(took))
	}
	if d, err := connect(t.Context(), cam, "tcp", "AAAA"); err != nil { // nobody holds that answer, but it is heard
		t.Errorf("after an answer over TCP, for %v: %v", d, err)
	}
}

// connect looks a name up and opens a connection to the answer.
func connect(ctx context.Context, d *lab.Device, over, kind string) (time.Duration, error) {
	addr, err := d.LookupOver(ctx, over, kind, "up.rotating.example")
	if err != nil {
		return 0, err
	}
	began := time.Now()
	c, err := d.Dial(ctx, "tcp", netip.AddrPortFrom(addr, 443))
	if err != nil {
		return 0, err
	}
	return time.Since(began), c.Close()
}
