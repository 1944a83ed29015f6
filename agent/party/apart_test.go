package party

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"spinneret/mud"
)

// asks is a rule that lets a device ask a DNS server.
func asks(server string) mud.Rule {
	r := rule(mud.Endpoint{Kind: mud.Prefix, Prefix: netip.MustParsePrefix(server)})
	r.RemotePort = mud.Ports{Set: true, Low: 53, High: 53}
	return r
}

// TestNamesOfWhoHasServersOfItsOwn are apart from those of all others.
func TestNamesOfWhoHasServersOfItsOwn(t *testing.T) {
	names := func(servers ...mud.Rule) string {
		p := mud.Policy{From: append(servers, rule(mud.Endpoint{Kind: mud.Name, Name: "up.cam.example"}), rule(mud.Endpoint{Kind: mud.Name, Name: "hub.local"}))}
		before := fmt.Sprint(p)
		list := Names(Apart(p, cam))
		if fmt.Sprint(p) != before {
			t.Errorf("what its maker wrote has become %v", p)
		}
		return strings.Join(list, " ")
	}
	if got := names(); got != "hub.local up.cam.example" {
		t.Errorf("without any they are %s", got)
	}
	held := asks("9.9.9.9/32")
	held.Held = "waits"
	if got := names(held); got != "hub.local up.cam.example" {
		t.Errorf("with one that waits for the owner they are %s", got)
	}
	if got := names(asks("9.9.9.9/32")); got != "hub.local up.cam.example/020000000001" {
		t.Errorf("with one they are %s", got)
	}
}
