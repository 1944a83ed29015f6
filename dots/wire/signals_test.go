package wire

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func number[T any](v T) *T { return &v }

// TestReports: bodies of answers and notifications, byte by byte, and read back.
func TestReports(t *testing.T) {
	scope := Scope{Targets: []netip.Prefix{prefix("198.51.100.7/32")}}
	sent := Scope{Targets: scope.Targets, Protocols: []uint8{17}, Sources: []netip.Prefix{prefix("203.0.113.20/32")}}
	for _, c := range []struct {
		name, want string
		report     Report
	}{
		{"2.01", "a101a10281a20518380e190e10", Report{MID: number[uint32](56), Lifetime: number[int64](3600)}},
		{"2.01, consent pending", "a101a10281a30518380e190e101001", Report{MID: number[uint32](56), Lifetime: number[int64](3600), Status: InProgress}},
		{"4.09, legitimate", "a101a10281a111a11304", Report{Conflict: &Conflict{Cause: LegitimateTraffic}}},
		{"4.09, cuid collision", "a101a10281a111a11303", Report{Conflict: &Conflict{Cause: CUIDCollision}}},
		{
			"4.09, a higher mid is active", "a101a10281a111a2130115a205183c06816f3139382e35312e3130302e372f3332",
			Report{Conflict: &Conflict{Cause: OverlappingTargets, MID: number[uint32](60), Scope: scope}},
		},
		{
			"2.05, a notification",
			"a101a10281ab05183806816f3139382e35312e3130302e372f33320a81110e190d980f1a6ab13b80100218191a00100000181a192000181b190400181c08198000816f3230332e302e3131332e32302f3332",
			Report{
				MID: number[uint32](56), Scope: sent, Lifetime: number[int64](3480), Start: 1790000000, Status: Mitigated,
				Drops: &Drops{1048576, 8192, 1024, 8},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := EncodeReports(c.report)
			if got := hex.EncodeToString(body); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			back, err := DecodeReports(body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Report{c.report}, back, compare); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := DecodeReports(unhex(t, "a101a10281a4051838078006800a80")); err != nil {
		t.Errorf("empty lists in an answer are to be borne: %v", err)
	}
}

// TestHeartbeatAndRedirection: RFC 9132 section 4.7, RFC 9066 figure 9.
func TestHeartbeatAndRedirection(t *testing.T) {
	for body, want := range map[string]bool{"a11831a11833f5": true, "a11831a11833f4": false} {
		if got := hex.EncodeToString(EncodeHeartbeat(want)); got != body {
			t.Errorf("a heartbeat is written %s, want %s", got, body)
		}
		if got, err := DecodeHeartbeat(unhex(t, body)); err != nil || got != want {
			t.Errorf("%s is read as %v, %v", body, got, err)
		}
	}
	for _, bad := range []string{"", "a0", "a11831a0", "a11831a118330c", "a21831a11833f50101"} {
		if _, err := DecodeHeartbeat(unhex(t, bad)); err == nil {
			t.Errorf("a heartbeat %q was taken", bad)
		}
	}
	want := Redirection{
		Name: "alt-call-home-client.example", TTL: number[uint32](600),
		Addresses: []netip.Addr{netip.MustParseAddr("2001:db8:6401::1"), netip.MustParseAddr("2001:db8:6401::2")},
	}
	got, err := DecodeRedirection(unhex(t, fig9Redirect))
	if err != nil || got.Name != want.Name || *got.TTL != *want.TTL || len(got.Addresses) != 2 || got.Addresses[1] != want.Addresses[1] {
		t.Errorf("got %+v, %v", got, err)
	}
	if written := hex.EncodeToString(want.Encode()); written != fig9Redirect {
		t.Errorf("got  %s\nwant %s", written, fig9Redirect)
	}
	for _, bad := range []string{"a1182ea0", "a1182ea119800560", "a1182ea2198005617819800681635a5a5a"} {
		if _, err := DecodeRedirection(unhex(t, bad)); err == nil {
			t.Errorf("a redirection %q was taken", bad)
		}
	}
}

// TestConfig: figure 20 of RFC 9132 byte by byte, and what a client may ask for.
func TestConfig(t *testing.T) {
	fig20 := Defaults()
	fig20.Mitigating.Probing, fig20.Idle.Probing = 15, 15
	body := EncodeConfig(fig20, UsualRanges())
	if got := hex.EncodeToString(body); got != usualConfig {
		t.Errorf("got  %s\nwant %s", got, usualConfig)
	}
	c, r, err := DecodeConfig(body)
	if err != nil || c != fig20 || r != UsualRanges() {
		t.Errorf("read back as %+v %+v, %v", c, r, err)
	}
	ask := func(c SessionConfig) []byte {
		var b configBody
		b.Config.Idle = &settingsBody{Heartbeat: &numberBody{Current: &c.Idle.Heartbeat}}
		b.Config.Mitigating = &settingsBody{AckTimeout: &decimalBody{Current: (*Decimal)(&c.Mitigating.AckTimeout)}}
		return encode(b)
	}
	wanted := Defaults()
	wanted.Idle.Heartbeat, wanted.Mitigating.AckTimeout = 60, 250
	if c, err = Negotiate(ask(wanted), Defaults(), UsualRanges()); err != nil || c != wanted {
		t.Errorf("asked for %+v, got %+v, %v", wanted, c, err)
	}
	otherExponent := unhex(t, "a1181ea1182ca11828a1182bc482200f") // 1.5 as 15 and -1
	if c, err = Negotiate(otherExponent, Defaults(), UsualRanges()); err != nil || c.Idle.AckRandom != 150 {
		t.Errorf("got %+v, %v", c.Idle, err)
	}
	wanted.Idle.Heartbeat = 241
	var refusal *Error
	if _, err = Negotiate(ask(wanted), Defaults(), UsualRanges()); !errors.As(err, &refusal) || refusal.Code != Unprocessable {
		t.Errorf("a heartbeat of 241 s gives %v, want 4.22", err)
	}
	for _, bad := range []string{"", "a1181ea0", "a1181ea11820a0", "a1181ea11820a1181fa0", "a1181ea11820a11821a118220f", usualConfig[:40]} {
		if _, err = Negotiate(unhex(t, bad), Defaults(), UsualRanges()); !errors.As(err, &refusal) || refusal.Code != BadRequest {
			t.Errorf("%q gives %v, want 4.00", bad, err)
		}
	}
}

// TestPaths: RFC 9132 section 4.2.
func TestPaths(t *testing.T) {
	for _, c := range []struct {
		path string
		want Code // zero: taken
	}{
		{".well-known/dots/mitigate/cuid=dz6pHjaADkaFTbjr0JGBpw/mid=56", 0},
		{".well-known/dots/mitigate/cdid=x/cuid=c/mid=4294967295", 0},
		{".well-known/dots/mitigate/cuid=c", 0},
		{".well-known/dots/config", 0},
		{".well-known/dots/config/sid=7", 0},
		{".well-known/dots/hb", 0},
		{".well-known/dots/redirect/cuid=c/mid=1", 0},
		{"", NotFound},
		{".well-known/core", NotFound},
		{".well-known/dots/tm-setup/cuid=c", NotFound},
		{".well-known/dots/mitigate", BadRequest},
		{".well-known/dots/mitigate/cuid=", BadRequest},
		{".well-known/dots/mitigate/mid=1/cuid=c", BadRequest},
		{".well-known/dots/mitigate/cuid=c/cuid=c", BadRequest},
		{".well-known/dots/mitigate/cuid=c/mid=4294967296", BadRequest},
		{".well-known/dots/mitigate/cuid=c/mid=-1", BadRequest},
		{".well-known/dots/mitigate/cuid=c/mid=007", BadRequest},
		{".well-known/dots/mitigate/cuid=c/mid=1/x=1", BadRequest},
		{".well-known/dots/mitigate/cuid=" + strings.Repeat("c", 200), BadRequest},
		{".well-known/dots/hb/cuid=c", BadRequest},
		{".well-known/dots/redirect/cuid=c", BadRequest},
	} {
		p, err := ParsePath(strings.Split(c.path, "/"))
		var refusal *Error
		switch {
		case c.want == 0 && err != nil:
			t.Errorf("%s: %v", c.path, err)
		case c.want != 0 && (!errors.As(err, &refusal) || refusal.Code != c.want):
			t.Errorf("%s: %v, want %v", c.path, err, c.want)
		case c.want == 0 && p.CDID == "" && strings.Join(p.Segments(), "/") != c.path:
			t.Errorf("%s is written %v", c.path, p.Segments())
		}
	}
}

// TestCUID: RFC 9132 section 4.4.1.2.
func TestCUID(t *testing.T) {
	for identity, want := range map[string]string{"ch-client": "0lcUtvUwsXNI6EKKGgoR9A", "cpe-1234": "uvshanUWnRmTm2LMec6NFA"} {
		if got := CUID([]byte(identity)); got != want {
			t.Errorf("the cuid of %s is %s, want %s", identity, got, want)
		}
	}
}
