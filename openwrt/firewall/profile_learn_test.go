package firewall

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florianl/go-nflog/v2"

	"spinneret/mud"
	"spinneret/openwrt/lab"
)

func learn(t *testing.T, f *Firewall, name string, addrs ...Address) {
	t.Helper()
	if err := f.Learn(t.Context(), name, addrs); err != nil {
		t.Fatal(err)
	}
}

func known(addr string, d time.Duration) Address { return Address{netip.MustParseAddr(addr), d} }

// membersIn lists a set as the kernel has it, with how long each element was to last.
func membersIn(t *testing.T, ns *lab.NS, table, set string) string {
	t.Helper()
	text := run(t, ns, "", "nft", "list", "set", "inet", table, set)
	_, text, _ = strings.Cut(text, "elements = {")
	text, _, _ = strings.Cut(text, "}")
	text = regexp.MustCompile(` expires \w+`).ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

func wantMembers(t *testing.T, ns *lab.NS, what, table, set, want string) {
	t.Helper()
	if got := membersIn(t, ns, table, set); got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// openBy opens a firewall in a namespace of its own, which goes by a clock of the test's.
func openBy(t *testing.T, now *time.Time) (*lab.NS, *Firewall) {
	t.Helper()
	ns := newNS(t)
	f, err := Open(Options{NetNS: ns.FD(), Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	return ns, f
}

func TestWhatIsLearnedStays(t *testing.T) {
	now := noon
	ns, f := openBy(t, &now)
	want := func(what, elements string) {
		wantMembers(t, ns, what, profileName, "mud_name4_cloud.example.com", elements)
	}
	s := profileStates["profile"](t)
	const name = "cloud.example.com"
	learn(t, f, name, known("198.51.100.9", time.Hour)) // before anybody asks for it: nothing
	apply(t, f, s)
	want("at first", "198.51.100.7")
	learn(t, f, name, known("198.51.100.8", time.Hour), known("2001:db8:100::8", time.Hour), known("198.51.100.7", time.Minute))
	want("an address more", "198.51.100.7, 198.51.100.8 timeout 1h")
	learn(t, f, "other.example.com", known("198.51.100.9", 0))
	learn(t, f, name, known("198.51.100.8", 10*time.Minute))
	want("it lasts long enough", "198.51.100.7, 198.51.100.8 timeout 1h")
	learn(t, f, name, known("198.51.100.8", 90*time.Minute))
	want("it lasts a little longer", "198.51.100.7, 198.51.100.8 timeout 1h30m")
	learn(t, f, name, known("198.51.100.8", 4*time.Hour))
	want("it lasts longer", "198.51.100.7, 198.51.100.8 timeout 4h")

	now = now.Add(time.Hour)
	apply(t, f, s)
	want("after another look", "198.51.100.7, 198.51.100.8 timeout 4h")
	s.Profiles[0].Mode = Watch
	apply(t, f, s)
	want("with other rules", "198.51.100.7, 198.51.100.8 timeout 3h")
	s.Profiles[0].Sets = map[mud.Endpoint]Party{}
	apply(t, f, s)
	want("where nobody but we knows", "198.51.100.8 timeout 3h")

	now = now.Add(3 * time.Hour)
	s.Profiles[0].Mode = Enforce
	apply(t, f, s)
	want("after its end", "")
	s.Profiles = nil
	apply(t, f, s)
	learn(t, f, name, known("198.51.100.8", 0))
	if n := len(f.memory.learned) + len(f.memory.written); n > 0 {
		t.Errorf("%d things kept for nobody", n)
	}
	if err := f.Learn(t.Context(), name, make([]Address, 1)); err == nil {
		t.Error("an address that is none was learned")
	}
}

// What names may have is bounded: addresses of the same name that end first make room, and each name has some.
func TestLearningTooMuch(t *testing.T) {
	l := learned{}
	for i := range 2 * maxLearned {
		l.learn("a", []Address{{netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), time.Duration(i+1) * time.Minute}}, noon)
	}
	if _, kept := l["a"][netip.MustParseAddr("10.0.1.255")]; len(l["a"]) != maxLearned || !kept {
		t.Errorf("%d addresses, the last among them: %v", len(l["a"]), kept)
	}
	for i := range 2 * maxAll {
		l.learn(fmt.Sprint(i/100), []Address{{netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), time.Minute}}, noon)
	}
	if n := l.total(); n < maxAll || n > maxAll+minLearned*len(l) || len(l["327"]) != minLearned {
		t.Errorf("%d addresses in all, %d of the last name", n, len(l["327"]))
	}
}

// A transaction between ours must not make us believe that the sets are as we left them.
func TestLearningAfterSomebodyElse(t *testing.T) {
	ns := newNS(t)
	f := open(t, ns)
	s := profileStates["profile"](t)
	apply(t, f, s)
	run(t, ns, "", "nft", "flush", "set", "inet", profileName, "mud_my_controller4")
	learn(t, f, "cloud.example.com", known("198.51.100.8", 0))
	apply(t, f, s)
	if got := membersIn(t, ns, profileName, "mud_my_controller4"); got != "192.168.1.7" {
		t.Errorf("after it was emptied the set has %q", got)
	}
	run(t, ns, "", "nft", "delete", "table", "inet", profileName)
	if err := f.Learn(t.Context(), "cloud.example.com", []Address{known("198.51.100.9", 0)}); err == nil {
		t.Error("learned where there is no table")
	}
	apply(t, f, s)
	if got := membersIn(t, ns, profileName, "mud_name4_cloud.example.com"); got != "198.51.100.7, 198.51.100.8, 198.51.100.9" {
		t.Errorf("after the table was gone the name has %q", got)
	}
}

// violations keeps what the group for violations delivered.
type violations struct {
	mu  sync.Mutex
	all []string
}

func hearViolations(t *testing.T, ns *lab.NS, group uint16) *violations {
	t.Helper()
	v := &violations{}
	hear(t, ns, group, func(a nflog.Attribute) {
		of, ok := ParseViolation(*a.Prefix)
		v.mu.Lock()
		defer v.mu.Unlock()
		v.all = append(v.all, fmt.Sprintf("%x %s %s %v %s", of.MAC[5], of.Direction, of.Mode, ok, (*a.Payload)[28:]))
	})
	return v
}

func (v *violations) has(text string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Contains(v.all, text)
}

// The life of a profile: connections that it does not allow end, a name opens when it is learned, violations are told,
// counters outlive new rules.
func TestTheLifeOfAProfile(t *testing.T) {
	h := startHouse(t, lab.Options{})
	conns := conntrackOf(t, h.Router())
	cam, server := h.cam.IPv4(), openWire(t, h.Internet(), "home0")
	has := func(p uint16) bool {
		return slices.ContainsFunc(connections(t, conns), func(c connection) bool { return c.port == p && c.from == cam.String() })
	}
	apply(t, h.firewall, h.state())
	for _, p := range []uint16{4443, 4444} {
		echoes(t, h.Internet(), port(h.server4, p))
		c, err := h.cam.Dial(t.Context(), "tcp", port(h.server4, p))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	s := h.state()
	s.Log.Mud = 13
	s.Profiles = []Profile{h.profile(t, Watch, false)}
	told := hearViolations(t, h.Router(), s.Log.Mud)
	apply(t, h.firewall, s)
	if !has(4443) || !has(4444) {
		t.Error("watching ended a connection")
	}
	datagram(t, h.cam.NS, port(h.tv.IPv4(), 9), "neighbour")
	eventually(t, "it is told", func() bool { return told.has("1 from-device watch true neighbour") })
	s.Profiles[0].Mode = Enforce
	apply(t, h.firewall, s)
	if has(4444) || !has(4443) {
		t.Errorf("of what is allowed there is %v, of what is not %v", has(4443), has(4444))
	}
	datagram(t, h.tv.NS, port(cam, 9), "knock knock")
	eventually(t, "it is told", func() bool { return told.has("1 to-device enforce true knock knock") })

	late := port(h.server4.Next(), 4000)
	datagram(t, h.cam.NS, late, "early bird")
	eventually(t, "the early bird is told", func() bool { return told.has("1 from-device enforce true early bird") })
	learn(t, h.firewall, "late.example.com", Address{late.Addr(), time.Minute})
	datagram(t, h.cam.NS, late, "in time")
	eventually(t, "the name is open", func() bool { return server.carries([]byte("in time")) > 0 })
	if server.carries([]byte("early bird")) > 0 {
		t.Error("it was open before")
	}

	count := func() ProfileCounters {
		all, err := h.firewall.Profiles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all[mac(t, h.cam)]
	}
	before := count()
	s.Log.Mud = 14 // new rules, new counters in the kernel
	apply(t, h.firewall, s)
	if after := count(); before.From[1].Packets != 1 || after.From[1].Packets != 1 || after.RefusedFrom.Packets != 2 || after.RefusedTo.Packets != 1 {
		t.Errorf("counted %+v, after new rules %+v", before, after)
	}
	more := s // and a name that nobody knew before
	more.Profiles = append(slices.Clone(s.Profiles), Profile{
		MAC: mac(t, h.laptop), Mode: Enforce, Policy: policy(t, false, `"ipv4":{"ietf-acldns:dst-dnsname":"a.example.com"}`, ""),
	})
	h.takeOver(t, more) // from an agent that had no time for a word
	datagram(t, h.cam.NS, late, "as before")
	eventually(t, "the name is still open", func() bool { return server.carries([]byte("as before")) > 0 })
	s.Profiles[0].Policy = policy(t, false, "", "")
	apply(t, h.firewall, s)
	if after := count(); after.RefusedFrom.Packets > 0 || len(after.From) != 3 || has(4443) {
		t.Errorf("with another policy: %+v, its connection is there: %v", after, has(4443))
	}
}
