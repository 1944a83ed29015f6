package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/openwrt/firewall"
	"spinneret/openwrt/leases"
	"spinneret/ui"
)

// fakeNames is the firewall as far as it learns names.
type fakeNames struct {
	mu      sync.Mutex
	learned []string
}

func (k *fakeNames) Learn(_ context.Context, name string, addrs []firewall.Address) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range addrs {
		k.learned = append(k.learned, fmt.Sprintf("%s %s %s", name, a.Addr, a.For.Round(time.Minute)))
	}
	return nil
}

func (k *fakeNames) Awake(context.Context, time.Duration) error { return nil }

func (k *fakeNames) all() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.learned, ", ")
}

// description is a file that lets a device reach one name, and the devices around it.
const description = `{"ietf-mud:mud":{"mud-version":1,"mud-url":"https://lumen.example/cam","last-update":"2026-01-01T00:00:00Z",
"is-supported":true,"from-device-policy":{"access-lists":{"access-list":[{"name":"f"}]}}},
"ietf-access-control-list:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","aces":{"ace":[
{"name":"up","matches":{"ipv4":{"protocol":6,"ietf-acldns:dst-dnsname":"up.cam.example"},"tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}},"actions":{"forwarding":"accept"}},
{"name":"hub","matches":{"ipv4":{"protocol":6},"ietf-mud:mud":{"controller":"https://lumen.example/controllers"}},"actions":{"forwarding":"accept"}},
{"name":"own","matches":{"ipv4":{"protocol":6},"ietf-mud:mud":{"my-controller":[null]}},"actions":{"forwarding":"accept"}},
{"name":"near","matches":{"ipv4":{"protocol":17},"ietf-mud:mud":{"local-networks":[null]}},"actions":{"forwarding":"accept"}}]}}]}}`

// describe gives a device of a bubble that file, by the owner, and waits until the kernel holds it.
func (b bubble) describe(mac packet.MAC, mode shelf.Mode) *fakeNames {
	b.Helper()
	k := b.learns()
	c, err := shelf.Read([]byte(description))
	if err != nil {
		b.Fatal(err)
	}
	b.loop(func() {
		if err := b.shelf.AssignFile(mac, c); err != nil {
			b.Error(err)
		}
		if err := b.shelf.SetMode(mac, mode, b.now()); err != nil {
			b.Error(err)
		}
	})
	time.Sleep(3 * time.Second)
	return k
}

// learns has the home hear what devices are told, from now on.
func (b bubble) learns() *fakeNames {
	b.Helper()
	var k *fakeNames
	b.loop(func() {
		if l := b.home.learner; l != nil {
			k = l.kernel.(*fakeNames)
			return
		}
		k = &fakeNames{}
		b.home.learner = newLearner(k, b.now, b.log)
		b.names.Tell(b.home.learner.hear)
		ctx, cancel := context.WithCancel(b.Context())
		b.Cleanup(cancel)
		go func() { _ = b.home.learner.Run(ctx) }()
	})
	return k
}

func (b bubble) loop(fn func()) {
	b.Helper()
	if err := b.do(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

// held is the profile that the kernel holds for a device.
func (b bubble) held(mac packet.MAC) (firewall.Profile, bool) {
	b.kernel.mu.Lock()
	defer b.kernel.mu.Unlock()
	for _, p := range b.kernel.state.Profiles {
		if p.MAC == mac {
			return p, true
		}
	}
	return firewall.Profile{}, false
}

var local = mud.Endpoint{Kind: mud.LocalNetworks}

func TestADeviceIsHeldToItsDescription(t *testing.T) {
	inBubble(t, 3, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		p, ok := b.held(macOf(0))
		if !ok || p.Mode != firewall.Enforce || len(p.Addresses) != 1 || p.Addresses[0].String() != "192.168.1.10" {
			t.Fatalf("held: %v, %+v", ok, p)
		}
		if s := p.Sets[local]; !slices.Contains(s.Prefixes, netip.MustParsePrefix("192.168.1.0/24")) {
			t.Errorf("local networks are %v", s)
		}
		b.loop(func() { _ = b.shelf.SetMode(macOf(0), shelf.Off, b.now()) })
		time.Sleep(3 * time.Second)
		if p, ok := b.held(macOf(0)); ok {
			t.Errorf("held though its mode is off: %+v", p)
		}
	})
}

func TestAnAddressThatIsLentToAnotherIsNotTheDevicesOwn(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		b.leaseC.put([]leases.Lease{{MAC: macOf(1), Addr: netip.MustParseAddr("192.168.1.11")}})
		forged := neighbourhood(2)
		forged.Neighbours[1].MAC = macOf(0)
		b.netC.put(forged)
		time.Sleep(3 * time.Second)
		if p, _ := b.held(macOf(0)); fmt.Sprint(p.Addresses) != "[192.168.1.10]" {
			t.Errorf("the device has %v", p.Addresses)
		}
	})
}

func TestTheOwnerSaysWhoIsAController(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		class := mud.Endpoint{Kind: mud.Controller, Name: "https://lumen.example/controllers"}
		if p, _ := b.held(macOf(0)); len(p.Sets[class].MACs) != 0 {
			t.Errorf("before anybody said so it is %v", p.Sets[class])
		}
		if _, err := b.EditDevice(b.Context(), macOf(1).String(), ui.DeviceEdit{Controls: &[]string{class.Name, "https://lumen.example/cam"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		p, _ := b.held(macOf(0))
		for _, e := range []mud.Endpoint{class, {Kind: mud.MyController}} {
			if who := p.Sets[e]; len(who.MACs) != 1 || who.MACs[0] != macOf(1) || fmt.Sprint(who.Prefixes) != "[192.168.1.11/32]" {
				t.Errorf("%v is %v", e, who)
			}
		}
	})
}

func TestRulesFollowTheAddressesOfADevice(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		count := func() (n int) {
			b.kernel.set(func() { n = b.kernel.applied })
			return n
		}
		applied := count()
		time.Sleep(10 * time.Second)
		if n := count() - applied; n != 0 {
			t.Errorf("%d changes though nothing changed", n)
		}
		next := neighbourhood(1)
		next.Neighbours = append(next.Neighbours, next.Neighbours[0])
		next.Neighbours[1].Addr = netip.MustParseAddr("192.168.1.99")
		b.netC.put(next)
		time.Sleep(3 * time.Second)
		p, _ := b.held(macOf(0))
		if fmt.Sprint(p.Addresses) != "[192.168.1.10 192.168.1.99]" {
			t.Errorf("the device has %v", p.Addresses)
		}
	})
}

func TestProfilesComeBackAsTheyWere(t *testing.T) {
	dir, err := state.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.loop(func() { b.keeper = newKeeper(dir, b.endedC, b.log) })
		b.describe(macOf(0), shelf.Enforce)
		b.home.learner.hear(told(macOf(0), "up.cam.example", "198.51.100.7"))
		time.Sleep(time.Second)
		before, _ := b.held(macOf(0))
		b.loop(func() {
			kept := savedProfiles{}
			kept.Saved, kept.copies = b.shelf.Save()
			b.keeper.saveProfiles(kept)
			b.keeper.save(partyFile, b.saveParties(), 0)
		})
		rules, err := savedRules(dir, b.now())
		if err != nil || len(rules.Profiles) != 1 || len(rules.LAN) != 1 || rules.LAN[0].Name != "br-lan" {
			t.Fatalf("read back: %+v, %v", rules, err)
		}
		up := mud.Endpoint{Kind: mud.Name, Name: "up.cam.example"}
		after := rules.Profiles[0]
		if got := fmt.Sprint(after.Sets[up].Prefixes); got != "[198.51.100.7/32]" {
			t.Errorf("the name is %s", got)
		}
		delete(after.Sets, up) // which came by a lesson before
		if diff := cmp.Diff(before, after, cmp.Comparer(func(a, b mud.URL) bool { return a == b }), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.IgnoreUnexported(firewall.Profile{})); diff != "" {
			t.Errorf("profile (-before +after):\n%s", diff)
		}
		if err := rules.Validate(); err != nil {
			t.Errorf("the firewall would not take it: %v", err)
		}
	})
}

func TestADescriptionThatTheKernelRefusesKeepsNobodyFromBeingCutOff(t *testing.T) {
	inBubble(t, 3, &fakeKernel{}, func(b bubble) {
		b.describe(macOf(0), shelf.Enforce)
		b.kernel.set(func() {
			b.kernel.refuse = func(s firewall.State) error {
				if len(s.Profiles) > 1 {
					return errRefused
				}
				return nil
			}
		})
		c, err := shelf.Read([]byte(description))
		if err != nil {
			b.Fatal(err)
		}
		b.loop(func() {
			if err := b.shelf.AssignFile(macOf(1), c); err != nil {
				b.Error(err)
			}
		})
		time.Sleep(5 * time.Second)
		if _, err := b.Quarantine(b.Context(), macOf(2).String(), ui.QuarantineOrder{Level: "full"}); err != nil || !b.kernel.holds(macOf(2)) {
			t.Errorf("cut off: %v, %v", b.kernel.holds(macOf(2)), err)
		}
		if _, ok := b.held(macOf(0)); !ok {
			t.Error("the description that was in force is not any more")
		}
		b.kernel.set(func() { b.kernel.refuse = nil })
		time.Sleep(2 * balkFor)
		if _, ok := b.held(macOf(1)); !ok {
			t.Error("it is never tried again")
		}
	})
}

func TestWhatADeviceBeganAsAnotherIsKnown(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		for _, src := range []string{"192.168.1.10", "192.168.1.11"} {
			b.table.Add(&packet.Packet{
				Time: b.now(), Length: 100, SrcMAC: macOf(0), EtherType: packet.EtherTypeIPv4, In: 3,
				Src: netip.MustParseAddr(src), Dst: shop, Proto: packet.ProtoUDP, SrcPort: 4000, DstPort: 443,
			})
		}
		b.table.Add(&packet.Packet{Time: b.now(), Length: 60, SrcMAC: macOf(0), DstMAC: macOf(1), EtherType: packet.EtherTypeARP, In: 3})
		b.describe(macOf(0), shelf.Enforce)
		want := []firewall.Origin{{From: netip.MustParseAddrPort("192.168.1.11:4000"), Protocol: packet.ProtoUDP}}
		if p, _ := b.held(macOf(0)); !slices.Equal(p.Borrowed, want) {
			t.Errorf("borrowed are %v, the device's own %v", p.Borrowed, p.Addresses)
		}
	})
}

// A device can name a description of its own making, as large as may be: that frees none of what it is held to.
func TestTooManyRulesLeaveOutWhoIsOnlyWatched(t *testing.T) {
	large := mud.Policy{From: slices.Repeat([]mud.Rule{{ACE: mud.ACE{Family: mud.IPv4 | mud.IPv6}, State: mud.Opens}}, 500)}
	var list []firewall.Profile
	for i := range byte(5) {
		list = append(list, firewall.Profile{MAC: packet.MAC{2, 0, 0, 0, 1, i}, Mode: firewall.Watch, Policy: large})
	}
	held := firewall.Profile{MAC: packet.MAC{2, 0, 0, 0, 2}, Mode: firewall.Enforce, Policy: mud.Policy{From: large.From[:2]}}
	out := 0
	list = acceptable(append(list, held), func(packet.MAC, error) { out++ })
	if len(list) == 0 || list[0].MAC != held.MAC || out == 0 || len(list)+out != 6 {
		t.Errorf("%d are left, %d left out", len(list), out)
	}
}
