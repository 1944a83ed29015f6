package bench

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/mdlayher/netlink"
	"github.com/ti-mo/conntrack"

	"spinneret/mud"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

// BenchmarkProfiles is the forwarding rate with 60 devices held to 60 real MUD files, the one that sends among them: of
// connections that are under way, and of those that nobody has answered.
func BenchmarkProfiles(b *testing.B) {
	files := realFiles(b)
	home, device := bareHome(b)
	f, err := firewall.Open(firewall.Options{NetNS: home.Router().FD()})
	if err != nil {
		b.Fatal(err)
	}
	v4, ula, _ := home.LANAddr()
	bare := firewall.State{WAN: []string{lab.WAN}, LAN: []firewall.LAN{{
		Name: lab.Bridge, Ports: []string{device.Port}, Router: []netip.Prefix{netip.PrefixFrom(v4, 24), netip.PrefixFrom(ula, 64)},
	}}}
	held := bare
	for i, file := range files[:60] {
		p := profile(file, byte(i))
		if i == 0 {
			p.MAC, p.Addresses = lab.ParseMAC(device.MAC), device.Addrs()
		}
		held.Profiles = append(held.Profiles, p)
	}
	profiles := contender{"60 profiles", func(t testing.TB) process {
		if err := f.Apply(b.Context(), held); err != nil {
			t.Fatal(err)
		}
		return process{os.Getpid(), func() {
			if err := f.Apply(b.Context(), firewall.State{}); err != nil {
				t.Fatal(err)
			}
		}}
	}}
	g := newGenerator(b, home, device, 4000)
	for _, c := range []struct {
		what     string
		answered bool
	}{{"unanswered", false}, {"under way", true}} {
		if c.answered {
			answer(b, home.Router())
		}
		g.row(b, "forwarding, 60 profiles, "+c.what, profiles)
	}
}

// realFiles are what real devices may do.
func realFiles(t testing.TB) (files []*mud.File) {
	t.Helper()
	paths, err := filepath.Glob(expect.ThirdParty(t, "mud", "barmey__IoT_mud_files_locations", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := mud.Parse(data); f != nil {
			files = append(files, f)
		}
	}
	if len(files) < 60 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

// profile holds a device to a file, whose names have four addresses each. What the generator sends is the last entry.
func profile(f *mud.File, i byte) firewall.Profile {
	p := firewall.Profile{
		MAC: [6]byte{2, 0, 0, 0, 9, i}, Mode: firewall.Enforce, Policy: f.Compile(false),
		Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 168, 1, 180 + i})}, Sets: map[mud.Endpoint]firewall.Party{},
	}
	far := netip.PrefixFrom(netip.MustParseAddr(sink), 32)
	p.Policy.From = append(p.Policy.From, mud.Rule{State: mud.Opens, ACE: mud.ACE{Name: "sink", Family: mud.IPv4, Match: mud.Match{
		Remote: []mud.Endpoint{{Kind: mud.Prefix, Prefix: far}}, Protocol: mud.UDP,
	}}})
	for n, r := range p.Policy.From {
		for _, e := range r.Remote {
			for a := range 4 {
				party := p.Sets[e]
				party.Prefixes = append(party.Prefixes, netip.MustParsePrefix(fmt.Sprintf("203.0.%d.%d/32", n, a)))
				p.Sets[e] = party
			}
		}
	}
	return p
}

// answer makes conntrack believe that the far side has answered.
func answer(t testing.TB, router *lab.NS) {
	t.Helper()
	c, err := conntrack.Dial(&netlink.Config{NetNS: router.FD()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	all, err := c.Dump(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, flow := range all {
		if flow.TupleOrig.IP.DestinationAddress != netip.MustParseAddr(sink) {
			continue
		}
		answered := conntrack.Flow{ID: flow.ID, TupleOrig: flow.TupleOrig, Status: flow.Status | conntrack.StatusSeenReply | conntrack.StatusAssured}
		if err := c.Update(answered); err != nil {
			t.Fatal(err)
		}
	}
}
