package cli

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spinneret/openwrt/uci"
)

// TestNamesOfTheRouter: LuCI links to the page by the name that it was asked for itself, mostly openwrt.lan.
func TestNamesOfTheRouter(t *testing.T) {
	router, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	got := hosts(uci.Config{Hosts: []string{"router.example"}, Listen: []string{"127.0.0.1:0"}})
	for _, name := range []string{"127.0.0.1", "router.example", router, router + ".lan", router + ".home.arpa"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s is none of %q", name, got)
		}
	}
	if slices.Contains(got, router+".example") {
		t.Error("a name on the internet is the router's")
	}
}

// TestAPortThatTheKernelChoseStays: what is read anew at a signal asks for the same.
func TestAPortThatTheKernelChoseStays(t *testing.T) {
	from := settings{listen: "127.0.0.1:0"}
	c := uci.Config{Listen: []string{from.listen}, Auth: true, Socket: filepath.Join(t.TempDir(), "api.sock")}
	doors, err := openDoors(c, func(string) bool { return true }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer closeDoors(doors)
	from.settle(&c, doors)
	if got := doors.Listeners[1].Addr().String(); from.listen != got || !slices.Equal(c.Listen, []string{got}) {
		t.Errorf("the page is at %s, the next time at %s, %v", got, from.listen, c.Listen)
	}
}

// TestOneDoorThatIsShutDoesNotKeepTheOthersShut: whatever is wrong with it, the commands' socket and the rest are open,
// and the same door opens once it can. Who asked for that very door is told instead.
func TestOneDoorThatIsShutDoesNotKeepTheOthersShut(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	c := uci.Config{
		Listen: []string{taken.Addr().String(), "192.0.2.1:8484", "127.0.0.1:0"}, ListenHTTPS: []string{"127.0.0.1:0"}, Auth: true,
		Cert: filepath.Join(dir, "page.crt"), Key: filepath.Join(dir, "page.key"), Socket: filepath.Join(dir, "api.sock"),
	}
	log := slog.New(slog.DiscardHandler)
	none := func(string) bool { return false }
	doors, err := openDoors(c, none, log)
	if err != nil {
		t.Fatal(err)
	}
	defer closeDoors(doors)
	if len(doors.Listeners) != 2 || len(doors.Secure) != 0 || len(doors.Shut) != 3 {
		t.Fatalf("%d doors are open, %d with TLS, %d shut: %v", len(doors.Listeners), len(doors.Secure), len(doors.Shut), doors.Shut)
	}
	for i, want := range []string{"another program has the port", "192.0.2.1", "page.crt"} {
		if got := doors.Shut[i].Why.Error(); !strings.Contains(got, want) {
			t.Errorf("%s is shut because %s, want %q in it", doors.Shut[i].URL, got, want)
		}
	}
	taken.Close()
	writeCertificate(t, c.Cert, c.Key)
	for _, i := range []int{0, 2} {
		l, certificate, err := doors.Shut[i].Open()
		if err != nil || (certificate != nil) != (i == 2) {
			t.Fatalf("%s: certificate %v, %v", doors.Shut[i].URL, certificate != nil, err)
		}
		defer l.Close()
	}
	c.Socket = filepath.Join(dir, "other.sock")
	if _, err := openDoors(c, func(url string) bool { return url == "http://192.0.2.1:8484/" }, log); err == nil {
		t.Error("the door that was asked for is not missed")
	}
	c.Auth, c.ListenHTTPS = false, nil
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:8484"} { // the last is not this machine's
		c.Listen = []string{addr}
		if _, err := openDoors(c, none, log); err == nil || !strings.Contains(err.Error(), "auth is 0") {
			t.Errorf("a door for anybody at %s: %v", addr, err)
		}
	}
}
