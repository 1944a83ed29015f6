package ui_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

const capturePath = "/api/v1/devices/" + cam + "/capture"

func TestACaptureIsSentAsAFile(t *testing.T) {
	home := uitest.New()
	home.Capture = []string{"header", "packet"}
	r := do(newServer(home, nil).Handler(ui.TCP), "GET", capturePath+"?seconds=5&snaplen=128&limit=5000", "")
	if body := read(t, r); r.StatusCode != 200 || body != "headerpacket" || r.Trailer.Get("Spinneret-Lost") != "1" {
		t.Errorf("the answer is %d %q with trailer %v", r.StatusCode, body, r.Trailer)
	}
	for name, want := range map[string]string{
		"Content-Type":        "application/vnd.tcpdump.pcap",
		"Content-Disposition": `attachment; filename="spinneret-02-00-00-00-00-01-20261121T120431Z-live.pcap"`,
		"Spinneret-Capture":   "live",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := home.Recorded()[0]; got.For != 5*time.Second || got.SnapLen != 128 || got.Limit != 5000 || got.Past != 0 {
		t.Errorf("the agent was asked for %+v", got)
	}
}

func TestThePastSaysThatItIsOnlyHeaders(t *testing.T) {
	home := uitest.New()
	home.Capture = []string{"header"}
	r := do(newServer(home, nil).Handler(ui.TCP), "GET", capturePath+"?seconds=60&snaplen=256&limit=10000000&past=60s", "")
	name, about := r.Header.Get("Content-Disposition"), r.Header.Get("Spinneret-Capture")
	if !strings.HasSuffix(name, `-headers-of-the-last-60s.pcap"`) || !strings.HasPrefix(about, "headers only") {
		t.Errorf("it is called %s, about %q", name, about)
	}
	if _, before := r.Header["Spinneret-Lost"]; before {
		t.Error("what was lost is told before anybody can know")
	}
	if got := home.Recorded()[0]; got.Past != time.Minute || got.For != 0 || got.SnapLen != 256 || got.Limit != 10_000_000 {
		t.Errorf("the agent was asked for %+v", got)
	}
}

func TestWhatCannotBeRecordedIsSaidInWords(t *testing.T) {
	for query, want := range map[string]string{
		"?seconds=0": "seconds", "?seconds=3601": "seconds", "?snaplen=63": "snaplen", "?snaplen=65536": "snaplen",
		"?limit=999": "limit", "?limit=100000001": "limit", "?past=0s": "past", "?past=2h": "past", "?past=x": "past",
		"?speed=1": "speed",
	} {
		home := uitest.New()
		p := problem(t, do(newServer(home, nil).Handler(ui.TCP), "GET", capturePath+query, ""))
		if p.Member != want || len(home.Recorded()) != 0 {
			t.Errorf("%s: %+v, and %d recordings", query, p, len(home.Recorded()))
		}
	}
	home := uitest.New()
	server := newServer(home, nil).Handler(ui.TCP)
	if p := problem(t, do(server, "GET", "/api/v1/devices/02:00:00:00:00:77/capture", "")); p.Code != "unknown-device" {
		t.Errorf("of a device that nobody knows: %+v", p)
	}
	if r := do(server, "HEAD", capturePath, ""); r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/vnd.tcpdump.pcap" || len(home.Recorded()) != 0 {
		t.Errorf("HEAD: %d %v, and %d recordings: want the headers and none", r.StatusCode, r.Header, len(home.Recorded()))
	}
}

// TestOnlyTheOwnerRecords: who may look sees less than every byte.
func TestOnlyTheOwnerRecords(t *testing.T) {
	h := newHouse(t)
	owner := h.setUp()
	for who, want := range map[string]int{owner: 200, h.token(owner): 403} {
		if got := h.ask(laptop, "GET", "devices/"+cam+"/capture", "", who).StatusCode; got != want {
			t.Errorf("it answers %d, want %d", got, want)
		}
	}
	if got := h.ask(phone, "GET", "devices/"+cam+"/capture", "", h.ticket(phone, auth.Viewer)).StatusCode; got != 403 {
		t.Errorf("a viewer gets %d, want 403", got)
	}
}

// download begins a recording without end, over a connection of its own.
func download(t *testing.T, home *uitest.Home, server *ui.Server, header string) (*http.Response, net.Conn, func() error) {
	t.Helper()
	endedC := make(chan error, 1)
	home.Capture, home.Ended = []string{"header"}, func(err error) { endedC <- err }
	l := listen(t, "tcp", "127.0.0.1:0")
	serve(t, server, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	request, err := http.NewRequest("GET", "http://"+l.Addr().String()+capturePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(header, ": ")
	request.Header.Set(name, value)
	if err := request.Write(c); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), request)
	if err != nil {
		t.Fatal(err)
	}
	return r, c, func() error {
		select {
		case err := <-endedC:
			return err
		case <-time.After(10 * time.Second):
			t.Fatal("the recording goes on")
			return nil
		}
	}
}

func TestARecordingEndsWithItsReader(t *testing.T) {
	home := uitest.New()
	r, c, ended := download(t, home, newServer(home, nil), "Accept: */*")
	if _, err := io.ReadFull(r.Body, make([]byte, len("header"))); err != nil {
		t.Fatal("the beginning does not come at once: ", err)
	}
	client, server := home.Recorded()[0].Client, home.Recorded()[0].Server
	if client != netip.MustParseAddrPort(c.LocalAddr().String()) || server != netip.MustParseAddrPort(c.RemoteAddr().String()) {
		t.Errorf("the agent takes the connection for one from %v to %v", client, server)
	}
	c.Close()
	if err := ended(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// TestARecordingEndsWithItsLogin, and looks cut short then.
func TestARecordingEndsWithItsLogin(t *testing.T) {
	h := newHouse(t)
	h.server = newServer(h.home, func(c *ui.Config) { c.Auth, c.Keeper = true, h.keeper })
	owner := h.setUpHere()
	r, _, ended := download(t, h.home, h.server, owner)
	if got := h.ask("127.0.0.1:1", "DELETE", "session", "", owner).StatusCode; r.StatusCode != 200 || got != 204 {
		t.Fatalf("the recording begins with %d, logging out answers %d", r.StatusCode, got)
	}
	if err := ended(); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	if _, err := io.ReadAll(r.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the file ends with %v, want it to be seen that it is not whole", err)
	}
}
