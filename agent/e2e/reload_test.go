package e2e

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"

	"spinneret/openwrt/lab"
)

// reload writes a configuration, tells the agent, and waits for the event that answers it.
func (a *agent) reload(o options, words string) {
	a.t.Helper()
	before := a.lastEvent()
	a.write(o)
	a.signal(syscall.SIGHUP)
	a.eventually("the agent says "+words, func() bool {
		_, answer, err := a.bySocket().send(http.MethodGet, "/api/v1/events?since="+strconv.FormatInt(before, 10), "")
		return err == nil && strings.Contains(string(answer), words) // its doors may be closed for a moment
	})
}

// TestReloadKeepsWhatIsKnownAndHeld changes where the page is, and nothing else.
func TestReloadKeepsWhatIsKnownAndHeld(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam, tv := home.Device("cam"), home.Device("tv")
	own, other := count(t, home, cam, "udp4"), count(t, home, tv, "udp4")
	a.eventually("the agent counts", func() bool { return a.device(tv).TxBytes > 1000 })
	a.cutOff(cam, `{"why":"stays"}`)
	stays := a.staysCut(own)
	started, counted := *a.status().Started, a.device(tv).TxBytes
	browser := watch(t, home.Router(), a.page())

	o := append(usual(home, t.TempDir()).without("list listen"), "list listen '127.0.0.1:8490'", "list host 'router.example'")
	a.reload(o, "the settings were read anew")
	a.eventually("the page moves", func() bool { return a.page().Port() == 8490 })
	moved := byTCP(home.Router(), a.page())
	moved.host = "router.example"
	if status, _, err := moved.send(http.MethodGet, "/api/v1/status", ""); err != nil || status != http.StatusOK {
		t.Errorf("the page under its new name: %d, %v", status, err)
	}
	if _, _, err := byTCP(home.Router(), netip.MustParseAddrPort("127.0.0.1:8484")).send(http.MethodGet, "/", ""); err == nil {
		t.Error("the old port still answers")
	}
	if !ends(browser) {
		t.Error("the old page's stream goes on")
	}
	stays("after the reload")
	if q := a.device(cam).Quarantine; q == nil || q.Why != "stays" || !q.InForce {
		t.Errorf("the device says %+v", q)
	}
	if now := *a.status().Started; now != started || a.device(tv).TxBytes < counted {
		t.Errorf("it began anew: started %v, was %v; %d bytes, were %d", now, started, a.device(tv).TxBytes, counted)
	}
	if sent, arrived := other.stop(); sent != arrived {
		t.Errorf("meanwhile another device sent %d packets, and %d arrived", sent, arrived)
	}
}

// TestReloadTakesNewInterfaces: the LAN that is taken away is no LAN any more.
func TestReloadTakesNewInterfaces(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	o := usual(home, t.TempDir())
	router := home.Router()
	if _, err := router.Run(router.Command(t.Context(), "ip", "link", "add", "guest", "type", "bridge")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := router.Run(router.Command(context.Background(), "ip", "link", "del", "guest")); err != nil {
			t.Error(err)
		}
	})
	a.reload(append(o, "list lan 'guest'"), "the settings were read anew")
	if lan := a.status().LAN; len(lan) != 2 || lan[1] != "guest" {
		t.Errorf("the LANs are %v", lan)
	}
	a.eventually("the rules know it", func() bool {
		return strings.Contains(nftList(router, "set", "inet", "spinneret", "lan"), "guest")
	})
	a.reload(o, "the settings were read anew")
	if lan := a.status().LAN; len(lan) != 1 {
		t.Errorf("the LANs are %v", lan)
	}
}

// TestABadReloadChangesNothing and says what is wrong, with file and line.
func TestABadReloadChangesNothing(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	o := usual(home, t.TempDir())
	listen(t, home.Router(), "127.0.0.1:8491")
	for _, c := range []struct {
		options options
		words   string
	}{
		{append(o, "option auht '1'"), "spinneret.conf:8: "},
		{o.without("list lan"), "add: list lan"},
		{append(o.without("list lan"), "list lan 'br-home'"), "does not exist"},
		{append(o.without("list listen"), "list listen '127.0.0.1:8491'"), "the page stays where it was: listen on 127.0.0.1:8491: another program has the port"},
		{append(o.without("list listen"), "list listen '0.0.0.0:8484'"), "auth is 0"},
	} {
		a.reload(c.options, c.words)
		a.eventually("the page is where it was", func() bool {
			status, _, err := byTCP(home.Router(), netip.MustParseAddrPort("127.0.0.1:8484")).send(http.MethodGet, "/api/v1/status", "")
			return err == nil && status == http.StatusOK
		})
		if out, err := run(home.Router(), "status", "-socket", a.socket); err != nil || !strings.Contains(out, "lan "+lab.Bridge+", wan "+lab.WAN) {
			t.Errorf("the status says %s, %v", out, err)
		}
	}
}

// TestReloadShutsOutWhoNeedsALoginNow, also those who are in already.
func TestReloadShutsOutWhoNeedsALoginNow(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	browser := watch(t, home.Router(), a.page())
	a.reload(append(usual(home, t.TempDir()).without("option auth"), "option auth '1'"), "the settings were read anew")
	if !ends(browser) {
		t.Error("the stream goes on without a login")
	}
	a.eventually("a login is needed", func() bool {
		status, _, err := byTCP(home.Router(), a.page()).send(http.MethodGet, "/api/v1/status", "")
		return err == nil && status == http.StatusUnauthorized
	})
}

// watch opens the stream as a page does, and reads its first frame.
func watch(t *testing.T, from *lab.NS, page netip.AddrPort) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"spinneret.v1"}, NetDialContext: byTCP(from, page).dial}
	conn, response, err := dialer.DialContext(t.Context(), "ws://"+page.String()+"/api/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	t.Cleanup(func() { conn.Close() })
	if _, frame, err := conn.ReadMessage(); err != nil || !strings.Contains(string(frame), `"hello"`) {
		t.Fatalf("the first frame is %s, %v", frame, err)
	}
	return conn
}

// ends reads a stream to its end, which must come soon.
func ends(conn *websocket.Conn) bool {
	return within(patience, func() bool {
		_, _, err := conn.ReadMessage()
		return err != nil
	})
}
