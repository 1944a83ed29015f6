package cli

import (
	"net"
	"os"
	"slices"
	"testing"

	"spinneret/agent"
	"spinneret/openwrt/uci"
)

// TestNamesOfTheRouter: LuCI links to the page by the name that it was asked for itself, mostly openwrt.lan.
func TestNamesOfTheRouter(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	router, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	got := hosts(uci.Config{Hosts: []string{"router.example"}}, agent.Doors{Listeners: []net.Listener{l}})
	for _, name := range []string{"127.0.0.1", "router.example", router, router + ".lan", router + ".home.arpa"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s is none of %q", name, got)
		}
	}
	if slices.Contains(got, router+".example") {
		t.Error("a name on the internet is the router's")
	}
}
