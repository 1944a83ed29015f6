package cli

import (
	"net"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/uci"
)

// TestThePageIsNotAtAddressesThatTheRouterLost, and nowhere that its owner did not name.
func TestThePageIsNotAtAddressesThatTheRouterLost(t *testing.T) {
	const here, lost, lost6 = "127.0.0.1:8484", "192.0.2.1:8484", "[2001:db8::1]:8485"
	for name, test := range map[string]struct{ has, want uci.Config }{
		"all are there":    {uci.Config{Listen: []string{here, "localhost:80"}}, uci.Config{Listen: []string{here, "localhost:80"}}},
		"some":             {uci.Config{Listen: []string{lost, here}, ListenHTTPS: []string{lost6}}, uci.Config{Listen: []string{here}, ListenHTTPS: []string{}}},
		"none":             {uci.Config{Listen: []string{lost}}, uci.Config{Listen: []string{here}}},
		"any address":      {uci.Config{Listen: []string{"0.0.0.0:8484"}}, uci.Config{Listen: []string{"0.0.0.0:8484"}}},
		"none is named":    {uci.Config{}, uci.Config{}},
		"only over HTTPS":  {uci.Config{Listen: []string{lost}, ListenHTTPS: []string{"127.0.0.1:8485"}}, uci.Config{Listen: []string{here}, ListenHTTPS: []string{"127.0.0.1:8485"}}},
		"the login stays":  {uci.Config{Listen: []string{lost}, Auth: true}, uci.Config{Listen: []string{here}, Auth: true}},
		"HTTPS lost alone": {uci.Config{Listen: []string{here}, ListenHTTPS: []string{lost6}}, uci.Config{Listen: []string{here}, ListenHTTPS: []string{}}},
	} {
		if diff := cmp.Diff(test.want, without(test.has, lostAddresses(test.has))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAnAddressWhosePortIsInUseIsNotLost: a reload asks while the agent itself listens there.
func TestAnAddressWhosePortIsInUseIsNotLost(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	used := net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	if got := stillLost([]string{used, "192.0.2.1:8484"}); !slices.Equal(got, []string{"192.0.2.1:8484"}) {
		t.Errorf("lost are %q", got)
	}
}
