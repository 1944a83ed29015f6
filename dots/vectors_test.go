package dots

import (
	"strings"
	"testing"
	"time"

	"spinneret/dots/wire"
)

// Bodies that RFC 9132 and RFC 9066 print, or that follow from their tables by hand.
const (
	natRequest   = "a101a10281a606816f3139382e35312e3130302e372f33320782a1081835a208191f4009191f4a0a81110e190e10198000816f3230332e302e3131332e32302f333219800181a208199c4009199cbf"
	tagged       = "d9010f" + natRequest
	v6Request    = "a101a10281a3068173323030313a6462383a633030303a3a2f3132380e190e101980008173323030313a6462383a3132333a3a312f313238"
	icmpRequest  = "a101a10281a506816f3139382e35312e3130302e372f33320a81010e20198000816f3230332e302e3131332e32302f333219800282a119800308a21980030d1980040e"
	plain        = "a101a10281a406816f3139382e35312e3130302e372f33320a81110e190e10198000816f3230332e302e3131332e32302f3332"
	efficacy     = "a101a10281a406816f3139382e35312e3130302e372f33320e190e10181d01198000816f3230332e302e3131332e32302f3332"
	unrated      = "a101a10281a306816f3139382e35312e3130302e372f33320e190e10198000816f3230332e302e3131332e32302f3332"
	unknownKey   = "a101a10281a406816f3139382e35312e3130302e372f33320e190e10183c01198000816f3230332e302e3131332e32302f3332"
	optionalKey  = "a101a10281a406816f3139382e35312e3130302e372f33320e190e10198000816f3230332e302e3131332e32302f3332199c4001"
	noTrigger    = "a101a10281a406816f3139382e35312e3130302e372f33320e190e10182df4198000816f3230332e302e3131332e32302f3332"
	noLifetime   = "a101a10281a306816f3139382e35312e3130302e372f33320e00198000816f3230332e302e3131332e32302f3332"
	twoScopes    = "a101a10282a306816f3139382e35312e3130302e372f33320e183c198000816f3230332e302e3131332e32302f3332a306816f3139382e35312e3130302e382f33320e183c198000816f3230332e302e3131332e32302f3332"
	emptyTargets = "a101a10281a306800e190e10198000816f3230332e302e3131332e32302f3332"
	fig8         = "a101a10281a4068274323030313a6462383a363430313a3a312f31323874323030313a6462383a363430313a3a322f3132380783a1081850a1081901bba108191f900a81060e190e10"
	fig20        = "a1181ea21820a61821a3182218f018230f1824181e1825a318221418230318240f1826a318220f1823021824031827a31829c48221190bb8182ac482211864182bc4822118c81828a31829c48221190190182ac48221186e182bc4822118961832a318221418230518240f182ca61821a3182218f018230f1824181e1825a318221418230318240f1826a318220f1823021824031827a31829c48221190bb8182ac482211864182bc4822118c81828a31829c48221190190182ac48221186e182bc4822118961832a318221418230518240f"
	fig9         = "a1182ea3198005781c616c742d63616c6c2d686f6d652d636c69656e742e6578616d706c651980068270323030313a6462383a363430313a3a3170323030313a6462383a363430313a3a32198007190258"
	notification = "a101a10281ab05183806816f3139382e35312e3130302e372f33320a81110e190d980f1a6ab13b80100218191a00100000181a192000181b190400181c08198000816f3230332e302e3131332e32302f3332"
	beatTrue     = "a11831a11833f5"
	beatFalse    = "a11831a11833f4"
	probing15    = "a1181ea21820a11832a118240f182ca11832a118240f"
	interval241  = "a1181ea1182ca11821a1182418f1"
	inProgress56 = "a101a10281a30518380e190e101001"
	granted56    = "a101a10281a20518380e190e10"
	dotsPath     = ".well-known/dots/"
	mitigatePath = dotsPath + "mitigate/cuid=c/mid="
	format       = "12=010f" // Content-Format 271
)

// step is one request of the C peer and what it reads of the answer; an answer that ends in * may go on.
type step struct {
	name, kind          string
	code                int
	path, options, body string
	want                string
}

// TestVectorsOnTheWire: each vector, sent by libcoap over DTLS and over TLS, gets its answer byte by byte.
func TestVectorsOnTheWire(t *testing.T) {
	ca := newAuthority(t)
	for _, transport := range []string{"dtls", "tls"} {
		t.Run(transport, func(t *testing.T) {
			caFile, cert, key := ca.files(t, "dots.example.com")
			peer := startPeer(t, "pki", caFile, cert, key, transport)
			home, now := &fakeHome{}, &clock{now: time.Unix(1790000000, 0)}
			taken := wire.Entry{Key: wire.Key{Client: wire.Client{Provider: "other", Identity: "127.0.0.1"}, CUID: "taken", MID: 1}, Ends: now.Now().Add(time.Hour), Status: wire.Mitigated}
			other := ca.provider(t, freePort(t), "")
			other.ID = "other"
			s := start(t, Options{
				Providers: []Provider{ca.provider(t, peer.port, "dots.example.com"), other}, Home: home, Now: now.Now,
				Saved: []wire.Entry{taken}, Timing: Timing{Refresh: 10 * time.Minute},
			})
			if got := peer.wait(t, "SESSION"); got != "SESSION "+transport {
				t.Fatalf("the peer says %s", got)
			}
			if got := peer.wait(t, "BEAT"); got != "BEAT "+beatFalse {
				t.Errorf("before the peer's first heartbeat we say %s", got)
			}
			eventually(t, "up", up(s, 0))
			for i, st := range vectorSteps {
				checkStep(t, peer, i, st, transport)
			}
			checkNotification(t, s, peer, now, transport)
			now.advance(31 * time.Second)
			peer.send(t, "non", 3, "f1", dotsPath+"hb", format, beatTrue)
			if got := peer.wait(t, "BEAT"); got != "BEAT "+beatTrue {
				t.Errorf("after the peer's heartbeats we say %s", got)
			}
		})
	}
}

// vectorSteps build upon each other.
var vectorSteps = []step{
	{"heartbeat", "non", 3, dotsPath + "hb", format, beatTrue, "2.04 - -"},
	{"heartbeat, the other way", "non", 3, dotsPath + "hb", format, beatFalse, "2.04 - -"},
	{"configuration", "con", 1, dotsPath + "config", "-", "-", "2.05 12=010f,14=015180 a1181e*"},
	{"a configuration of its own", "con", 3, dotsPath + "config/sid=1", format, probing15, "2.01 - -"},
	{"RFC 9132 figure 20", "con", 1, dotsPath + "config/sid=1", "-", "-", "2.05 12=010f,14=015180 " + fig20},
	{"an interval of 241 s", "con", 3, dotsPath + "config/sid=2", format, interval241, "4.22 - *"},
	{"back to defaults", "con", 4, dotsPath + "config", "-", "-", "2.02 - -"},
	{"which ends the sid", "con", 1, dotsPath + "config/sid=1", "-", "-", "4.04 - *"},

	{"request behind NAT", "non", 3, mitigatePath + "56", format, natRequest, "2.01 12=010f " + inProgress56},
	{"the same again", "non", 3, mitigatePath + "56", format, natRequest, "2.04 12=010f " + granted56},
	{"the same behind tag 271", "non", 3, mitigatePath + "56", format, tagged, "2.04 12=010f " + granted56},
	{"a confirmable one", "con", 3, mitigatePath + "56", format, natRequest, "2.04 12=010f " + granted56},
	{"the same mid for something else", "non", 3, mitigatePath + "56", format, icmpRequest, "4.00 - *"},
	{"a later mid", "non", 3, mitigatePath + "60", format, natRequest, "2.01 12=010f a101a10281a305183c0e190e101001"},
	{"whose elder is gone", "non", 1, mitigatePath + "56", "-", "-", "4.04 - *"},
	{"an earlier mid", "non", 3, mitigatePath + "56", format, natRequest, "4.09 12=010f a101a10281a111a2130115a205183c06816f3139382e35312e3130302e372f3332"},
	{"another's cuid", "non", 3, dotsPath + "mitigate/cuid=taken/mid=2", format, v6Request, "4.09 12=010f a101a10281a111a11303"},
	{"withdrawn", "non", 4, mitigatePath + "60", "-", "-", "2.02 - -"},
	{"withdrawn again", "non", 4, mitigatePath + "60", "-", "-", "2.02 - -"},
	{"withdrawn without a mid", "non", 4, dotsPath + "mitigate/cuid=c", "-", "-", "4.00 - *"},
	{"RFC 9066 figure 10", "non", 3, mitigatePath + "61", format, v6Request, "2.01 12=010f a101a10281a305183d0e190e101001"},
	{"ICMP, without an end: a day", "non", 3, mitigatePath + "62", format, icmpRequest, "2.01 12=010f a101a10281a305183e0e1a000151801001"},
	{"a key that may be ignored", "non", 3, dotsPath + "mitigate/cuid=o/mid=1", format, optionalKey, "2.01 12=010f *"},

	{"a key that must be understood", "non", 3, mitigatePath + "70", format, unknownKey, "4.00 - *"},
	{"trigger-mitigation false", "non", 3, mitigatePath + "70", format, noTrigger, "4.00 - *"},
	{"lifetime 0", "non", 3, mitigatePath + "70", format, noLifetime, "4.00 - *"},
	{"two scopes", "non", 3, mitigatePath + "70", format, twoScopes, "4.00 - *"},
	{"no targets", "non", 3, mitigatePath + "70", format, emptyTargets, "4.00 - *"},
	{"a request of the base channel (RFC 9132 figure 8)", "non", 3, mitigatePath + "70", format, fig8, "4.00 - *"},
	{"a redirection without trusted_domain", "non", 3, dotsPath + "redirect/cuid=c/mid=1", format, fig9, "4.00 - *"},
	{"JSON", "non", 3, mitigatePath + "70", "12=32", natRequest, "4.15 - *"},
	{"no format", "non", 3, mitigatePath + "70", "-", natRequest, "4.15 - *"},
	{"another method", "non", 2, mitigatePath + "70", format, natRequest, "4.05 - *"},
	{"another path", "non", 1, ".well-known/core", "-", "-", "4.04 - *"},
	{"telemetry", "non", 3, dotsPath + "tm-setup/cuid=c/tsid=1", format, "a0", "4.04 - *"},
	{"libcoap's probe for Q-Block2", "con", 1, "-", "31=", "-", "4.02 - *"},
	{"an unknown critical option", "con", 1, mitigatePath + "61", "65001=", "-", "4.02 - *"},
}

// checkStep sends one request; the answer is of its own type, with its own token.
func checkStep(t *testing.T, peer *cPeer, i int, s step, transport string) {
	t.Helper()
	token := "5a" + string("0123456789abcdef"[i>>4]) + string("0123456789abcdef"[i&15])
	got := peer.ask(t, s.kind, s.code, token, s.path, s.options, s.body)
	answered := map[string]string{"non": "non", "con": "ack"}[s.kind]
	if transport == "tls" {
		answered = "tls"
	}
	fields := strings.SplitN(s.want, " ", 2)
	want := answered + " " + fields[0] + " " + token + " " + fields[1]
	begin, open := strings.CutSuffix(want, "*")
	if got != want && !(open && strings.HasPrefix(got, begin) && got != begin+"-") {
		t.Errorf("%s:\n got %s\nwant %s", s.name, got, want)
	}
}

// checkNotification observes a mitigation from its beginning to its end.
func checkNotification(t *testing.T, s *Server, peer *cPeer, now *clock, transport string) {
	t.Helper()
	kind := map[string]string{"dtls": "non", "tls": "tls"}[transport]
	path := dotsPath + "mitigate/cuid=observed/mid=56"
	peer.ask(t, "non", 3, "b0", path, format, plain)
	if got := peer.ask(t, "non", 1, "b1", path, "6=", "-"); !strings.HasPrefix(got, kind+" 2.05 b1 6=") {
		t.Errorf("the observation begins with %s", got)
	}
	k := wire.Key{Client: wire.Client{Provider: "isp", Identity: "dots.example.com"}, CUID: "observed", MID: 56}
	s.Update(k, wire.State{Status: wire.Mitigated})
	next := func() []string { return strings.Fields(peer.wait(t, "GOT "+kind+" ")) }
	if got := next(); got[2] != "2.05" || got[3] != "b1" || !strings.Contains(got[5], "100218190018") {
		t.Errorf("status 2 is told as %s", got)
	}
	for range 2 {
		now.advance(60 * time.Second)
		peer.ask(t, "non", 3, "b2", dotsPath+"hb", format, beatTrue)
	}
	s.Update(k, wire.State{Status: wire.Mitigated, Drops: wire.Drops{Bytes: 1048576, BytesRate: 8192, Packets: 1024, PacketsRate: 8}})
	if got := next(); got[1] != kind || got[2] != "2.05" || got[3] != "b1" || !strings.HasSuffix(got[4], ",12=010f,14=04b0") || got[5] != notification {
		t.Errorf("counters are told as\n%s, want\n%s", got, notification)
	}
	s.Release(k, wire.State{Status: wire.ServerEnded, Conflict: &wire.Conflict{Cause: wire.LegitimateTraffic}})
	if got := next(); got[2] != "2.05" || !strings.Contains(got[5], "1007"+"11a11304") {
		t.Errorf("the owner's word is told as %s", got)
	}
	now.advance(3 * time.Second)
	peer.send(t, "non", 3, "f0", dotsPath+"hb", format, beatTrue)
	eventually(t, "told that it is gone", func() bool {
		got := next()
		return got[2] == "4.04" && got[3] == "b1" && !strings.Contains(got[4], "6=")
	})
}
