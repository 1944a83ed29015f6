package ui

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// HistoryQuery selects finished flows. What is zero leaves nothing out.
type HistoryQuery struct {
	Device   string         // MAC, at either end
	From, To time.Time      // flows that were alive between the two
	Remote   netip.Prefix   // IPv4 never mapped
	Port     uint16         // destination port of the first packet, or the remote's
	Protocol string         // as in Flow
	Outside  netip.AddrPort // port 0: any
	Limit    int
	Step     time.Duration // of the buckets; 0 where flows are asked for
}

// Bucket is what was received and sent in one step of time.
type Bucket struct {
	At      *Time  `json:"at"`
	RxBytes uint64 `json:"rxBytes"`
	TxBytes uint64 `json:"txBytes"`
}

const (
	// MaxBuckets bounds an answer of buckets.
	MaxBuckets = 10000
	// usualSpan is how far back buckets go where the query does not say.
	usualSpan = day
	minStep   = time.Second
	maxStep   = 366 * day
)

func (s *Server) getHistory(c call) (any, error) {
	q := parseQuery(c.r.URL.RawQuery, "device", "from", "to", "remote", "port", "protocol", "outside", "limit", "step")
	want := HistoryQuery{
		Device: q.mac("device"), From: q.time("from"), To: q.time("to"), Remote: q.prefix("remote"),
		Port: uint16(q.number("port", 0, 1, 65535)), Protocol: q.protocol("protocol"), Outside: q.outside("outside"),
		Limit: q.limit(), Step: q.step("step"),
	}
	q.order(&want, s.config.Now())
	if q.problem != nil {
		return nil, q.problem
	}
	if want.Step > 0 {
		buckets, err := s.config.Backend.Buckets(c, want)
		return map[string][]Bucket{"buckets": listed(buckets)}, err
	}
	flows, more, err := s.config.Backend.History(c, want)
	return flowList{flows, more}, err
}

// order wants the times in their order; buckets get those that are left out: the day until now.
func (q *query) order(want *HistoryQuery, now time.Time) {
	if want.Step > 0 && want.To.IsZero() {
		want.To = now.UTC()
	}
	if want.Step > 0 && want.From.IsZero() {
		want.From = want.To.Add(-usualSpan).Truncate(want.Step)
	}
	switch {
	case want.From.IsZero() || want.To.IsZero():
	case want.To.Before(want.From):
		q.fail(invalid("to", "to is before from: give a later time"))
	case want.Step > 0 && want.To.Equal(want.From):
		q.fail(invalid("to", "no time is between from and to: give a later time"))
	case want.Step > 0 && (want.To.Sub(want.From)-1)/want.Step >= MaxBuckets:
		q.fail(invalid("step", "these would be more than "+strconv.Itoa(MaxBuckets)+" buckets: give a longer step or a shorter time"))
	}
}

func (q *query) step(name string) time.Duration {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	d, err := ParseDuration(text)
	if err != nil || d < minStep || d > maxStep {
		q.fail(invalid(name, name+" "+quote(text)+" is not a duration from 1s to 366d: write it like 60s, 1h or 1d"))
	}
	return d
}

// prefix reads PREFIX or ADDR; host bits behind the prefix are cleared.
func (q *query) prefix(name string) netip.Prefix {
	text := q.values.Get(name)
	if text == "" {
		return netip.Prefix{}
	}
	var t Target
	if err := t.setPrefix(text); err != nil || t.Prefix.Addr().Is4In6() {
		q.fail(invalid(name, name+" "+quote(text)+" is not a prefix: write 198.51.100.7, 198.51.100.0/24 or 2001:db8::/32"))
	}
	return t.Prefix
}

// outside reads ADDR[:PORT]; an IPv6 address with a port stands in brackets.
func (q *query) outside(name string) netip.AddrPort {
	text := q.values.Get(name)
	if text == "" {
		return netip.AddrPort{}
	}
	both, err := netip.ParseAddrPort(text)
	if err != nil {
		var addr netip.Addr
		addr, err = netip.ParseAddr(text)
		both = netip.AddrPortFrom(addr, 0)
	} else if both.Port() == 0 {
		q.fail(invalid(name, name+" "+quote(text)+" has port 0, which nobody has: give another, or none"))
	}
	if a := both.Addr(); err != nil || a.Zone() != "" {
		q.fail(invalid(name, name+" "+quote(text)+" is not an address: write 203.0.113.20, 203.0.113.20:40321 or [2001:db8::7]:40321"))
	}
	return netip.AddrPortFrom(both.Addr().Unmap(), both.Port())
}

// protocol reads a protocol as flows have it.
func (q *query) protocol(name string) string {
	text := strings.ToLower(q.values.Get(name))
	switch text {
	case "", "tcp", "udp", "icmp", "icmpv6":
		return text
	}
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil {
			return fmt.Sprintf("0x%04x", n)
		}
	} else if n, err := strconv.ParseUint(text, 10, 8); err == nil {
		return strconv.FormatUint(n, 10)
	}
	q.fail(invalid(name, name+" "+quote(text)+" is not a protocol: give tcp, udp, icmp, icmpv6, a number to 255, or an EtherType like 0x88cc"))
	return ""
}
