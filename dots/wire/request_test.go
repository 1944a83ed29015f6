package wire

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var compare = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// TestRequestIsReadAndWritten: what a request means, and that writing it gives the same bytes.
func TestRequestIsReadAndWritten(t *testing.T) {
	target, source := []netip.Prefix{prefix("198.51.100.7/32")}, []netip.Prefix{prefix("203.0.113.20/32")}
	for _, c := range []struct {
		name, body string
		want       Request
	}{
		{"behind NAT, by outside ports", natRequest, Request{Lifetime: 3600, Scope: Scope{
			Targets: target, TargetPorts: []PortRange{{53, 53}, {8000, 8010}}, Protocols: []uint8{17},
			Sources: source, SourcePorts: []PortRange{{40000, 40127}},
		}}},
		{"RFC 9066 figure 10", v6Request, Request{Lifetime: 3600, Scope: Scope{
			Targets: []netip.Prefix{prefix("2001:db8:c000::/128")}, Sources: []netip.Prefix{prefix("2001:db8:123::1/128")},
		}}},
		{"ICMP, without an end", icmpRequest, Request{Lifetime: Indefinite, Scope: Scope{
			Targets: target, Protocols: []uint8{1}, Sources: source, SourceICMP: []TypeRange{{8, 8}, {13, 14}},
		}}},
		{"efficacy update", efficacy, Request{Lifetime: 3600, Efficacy: UnderAttack, Scope: Scope{Targets: target, Sources: source}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := unhex(t, c.body)
			for _, from := range [][]byte{body, append(unhex(t, "d9010f"), body...)} {
				got, err := DecodeRequest(from)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, got, compare); diff != "" {
					t.Error(diff)
				}
			}
			if diff := cmp.Diff(body, c.want.Encode()); diff != "" {
				t.Error("written otherwise: " + diff)
			}
		})
	}
	if _, err := DecodeRequest(unhex(t, optionalKey)); err != nil {
		t.Errorf("key 40000 may be ignored: %v", err)
	}
}

// attributes is a request of one mitigation.
func attributes(a map[uint64]any) []byte {
	return encode(map[uint64]any{1: map[uint64]any{2: []any{a}}})
}

// with is a good request but for one attribute, which is left out where the value is nil.
func with(key uint64, value any) []byte {
	a := map[uint64]any{6: []string{"198.51.100.7/32"}, 14: 60, 32768: []string{"203.0.113.20/32"}}
	if a[key] = value; value == nil {
		delete(a, key)
	}
	return attributes(a)
}

// TestRequestIsRefused: each wrong request gets 4.00 and the reason.
func TestRequestIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
		says string
	}{
		{"unknown key that must be understood", unhex(t, unknownKey), "key 60"},
		{"trigger-mitigation false", unhex(t, noTrigger), "trigger-mitigation"},
		{"lifetime 0", unhex(t, noLifetime), "lifetime 0"},
		{"two scopes", unhex(t, twoScopes), "exactly one"},
		{"empty targets", unhex(t, emptyTargets), "target-prefix (key 6) is empty"},
		{"no body", nil, "no CBOR map"},
		{"no scope at all", unhex(t, "a101a0"), "exactly one"},
		{"lifetime -2", with(14, -2), "lifetime -2"},
		{"no lifetime", with(14, nil), "lifetime (key 14) is missing"},
		{"no target", with(6, nil), "target-prefix (key 6) is missing"},
		{"no source", with(32768, nil), "source-prefix (key 32768) is missing"},
		{"an address without its length", with(6, []string{"198.51.100.7"}), "no prefix"},
		{"length 33", with(6, []string{"198.51.100.7/33"}), "no prefix"},
		{"multicast target", with(6, []string{"239.1.2.3/32"}), "multicast"},
		{"loopback source", with(32768, []string{"127.0.0.1/32"}), "loopback"},
		{"broadcast source", with(32768, []string{"255.255.255.255/32"}), "broadcast"},
		{"ports the wrong way round", with(7, []any{map[uint64]int{8: 9, 9: 8}}), "before it begins"},
		{"upper port alone", with(7, []any{map[uint64]int{9: 8}}), "no lower-port"},
		{"port 65536", with(7, []any{map[uint64]int{8: 65536}}), "wrong type"},
		{"unknown key in a port range", with(7, []any{map[uint64]int{8: 1, 12: 1}}), "key 12"},
		{"ICMP type 256", with(32770, []any{map[uint64]int{32771: 256}}), "wrong type"},
		{"protocols as bytes", with(10, []byte{17}), "wrong type"},
		{"protocol 256", with(10, []int{256}), "above 255"},
		{"cuid in the body", with(4, "x"), "key 4"},
		{"mid in the body", with(5, 1), "key 5"},
		{"status, which is ours to say", with(16, 1), "key 16"},
		{"drop counters, which are ours to say", with(25, 1), "key 25"},
		{"alias", with(13, []string{"web"}), "key 13"},
		{"attack-status 3", with(29, 3), "attack-status 3"},
		{"a name of 300 bytes", with(11, []string{strings.Repeat("x", 300)}), "too long"},
		{"the same key twice", unhex(t, "a101a10281a4068101068101"), "no CBOR"},
		{"nested far too deep", unhex(t, strings.Repeat("a101", 40)+"a0"), "no CBOR"},
		{"cut short", unhex(t, natRequest)[:40], "no CBOR"},
		{"indefinite length", unhex(t, "bf01bf02809fffff"), "no CBOR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := DecodeRequest(c.body)
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.Code != BadRequest || !strings.Contains(refusal.Text, c.says) {
				t.Errorf("got %v, want 4.00 that says %q", err, c.says)
			}
		})
	}
	_, err := DecodeRequest(make([]byte, MaxBody+1))
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code != TooLarge {
		t.Errorf("a body of more than %d bytes gives %v, want 4.13", MaxBody, err)
	}
}

// TestPrefixLosesItsHostBits: RFC 6991 has none in a prefix.
func TestPrefixLosesItsHostBits(t *testing.T) {
	body := Request{Lifetime: 1, Scope: Scope{Targets: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/24")}, Sources: []netip.Prefix{prefix("203.0.113.20/32")}}}.Encode()
	r, err := DecodeRequest(body)
	if err != nil || r.Targets[0] != prefix("198.51.100.0/24") {
		t.Errorf("got %v, %v", r.Targets, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := DecodeRequest(body); err == nil {
			again, err := DecodeRequest(r.Encode())
			if err != nil || !again.Equal(r.Scope) || again.Lifetime != r.Lifetime {
				t.Errorf("%+v read back as %+v, %v", r, again, err)
			}
		}
		if r, err := DecodeRedirection(body); err == nil && r.Name == "" {
			t.Error("a redirection to nobody was taken")
		}
		DecodeHeartbeat(body)
		DecodeReports(body)
		ranges := UsualRanges()
		if c, err := Negotiate(body, Defaults(), ranges); err == nil && (c.Idle.Heartbeat < ranges.Min.Heartbeat || c.Idle.Heartbeat > ranges.Max.Heartbeat) {
			t.Errorf("a heartbeat of %d s was taken", c.Idle.Heartbeat)
		}
		DecodeConfig(body)
	})
}
