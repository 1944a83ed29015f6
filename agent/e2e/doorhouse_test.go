package e2e

import (
	"context"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

const ownersPassword = "three small words"

// doorHouse is a home whose page has a login, with its owner at the laptop.
type doorHouse struct {
	*agent
	lan, lan6     netip.AddrPort // the page's places in the home
	router, guest *lab.NS
	owner         *visitor
}

var (
	ok      = said{http.StatusOK, ""}
	done    = said{http.StatusNoContent, ""}
	noLogin = said{http.StatusUnauthorized, "login-required"}
	noOwner = said{http.StatusForbidden, "not-allowed"}
	noSite  = said{http.StatusForbidden, "bad-origin"}
)

func newDoorHouse(t *testing.T) *doorHouse {
	t.Helper()
	home, err := lab.Start(context.Background(), lab.Options{
		Devices: []lab.Spec{{Name: "cam"}, {Name: "laptop"}, {Name: "tv"}, {Name: "lamp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { home.Close() })
	h := &doorHouse{lan: lanPage(home), router: home.Router()}
	_, v6, _ := home.LANAddr()
	h.lan6 = netip.AddrPortFrom(v6, h.lan.Port())
	h.guest = guestNetwork(t, h.router)
	h.agent = prepare(t, home, h.settings)
	h.start()
	for _, d := range home.Devices() {
		h.device(d)
	}
	h.owner = visit(t, home.Device("laptop").NS, h.lan)
	want(t, "the first run", h.owner.ask("POST", session+"/setup", `{"password":"`+ownersPassword+`"}`), done)
	return h
}

// lanPage is the page's place in the home.
func lanPage(home *lab.Home) netip.AddrPort {
	v4, _, _ := home.LANAddr()
	return netip.AddrPortFrom(v4, 8484)
}

// settings have the page on the LAN, with its login.
func (h *doorHouse) settings(o options) options {
	o = append(o.without("list listen").without("option auth"), "list listen '"+h.lan.String()+"'")
	if h.lan6.IsValid() {
		o = append(o, "list listen '"+h.lan6.String()+"'")
	}
	return o
}

// at opens a browser on a device.
func (h *doorHouse) at(device string) *visitor { return visit(h.t, h.home.Device(device).NS, h.lan) }

// guestNetwork joins a network of guests to the router, whose firewall lets them reach it.
func guestNetwork(t *testing.T, router *lab.NS) *lab.NS {
	t.Helper()
	guest, err := lab.NewNS("guest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { guest.Close() })
	fd, err := unix.Dup(guest.FD())
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "guest")
	defer f.Close()
	cable := router.Command(context.Background(), "ip", "link", "add", "guest0", "type", "veth", "peer", "name", "eth0", "netns", "/proc/self/fd/3")
	cable.ExtraFiles = []*os.File{f}
	if _, err := router.Run(cable); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ns   *lab.NS
		line string
	}{
		{router, "addr add 192.168.9.1/24 dev guest0"},
		{router, "addr add fd00:9::1/64 dev guest0 nodad"},
		{router, "link set guest0 up"},
		{guest, "addr add 192.168.9.2/24 dev eth0"},
		{guest, "addr add fd00:9::2/64 dev eth0 nodad"},
		{guest, "link set eth0 up"},
		{guest, "route add default via 192.168.9.1"},
		{guest, "route add default via fd00:9::1"},
	} {
		if _, err := c.ns.Run(c.ns.Command(context.Background(), "ip", strings.Fields(c.line)...)); err != nil {
			t.Fatal(err)
		}
	}
	// The router's own firewall must not be what keeps anybody out here.
	nft(t, router, "insert rule inet fw4 input iifname \"guest0\" accept\ninsert rule inet fw4 syn_flood return\n")
	return guest
}
