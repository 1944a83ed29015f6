package dots

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// bench is one conversation without a connection.
type bench struct {
	*exchange
	t     testing.TB
	home  *fakeHome
	clock *clock
	id    uint16
}

func newBench(t testing.TB, datagrams bool) *bench {
	home, now := &fakeHome{}, &clock{now: time.Unix(1790000000, 0)}
	s := New(Options{Home: home, Now: now.Now, Providers: []Provider{{ID: "isp", Name: "dots.example.com", TrustedDomain: "example"}}})
	b := &bench{exchange: newExchange(s, s.callers[0].provider.client(), datagrams, now.Now()), t: t, home: home, clock: now}
	b.alternate = func(r wire.Redirection) *wire.Error { return s.callers[0].refuse("dots.example.com", r) }
	s.attach(b.exchange)
	return b
}

// say sends a request and gives the answer as "TYPE CODE BODY", empty where there is none.
func (b *bench) say(kind coap.Type, code coap.Code, path, body string, options ...coap.Option) string {
	b.id++
	raw, err := hex.DecodeString(body)
	if err != nil {
		b.t.Fatal(err)
	}
	m := coap.Message{Type: kind, Code: code, ID: b.id, Token: []byte{1}, Payload: raw}
	if path != "" {
		m.SetPath(strings.Split(path, "/"))
	}
	m.Options = append(options, m.Options...)
	if len(raw) > 0 {
		m.Options = append(m.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
	}
	sortOptions(m.Options)
	return b.pass(m)
}

func (b *bench) pass(m coap.Message) string {
	var list []string
	for _, r := range b.handle(b.clock.Now(), m) {
		list = append(list, shown(r))
	}
	return strings.Join(list, "; ")
}

func shown(m coap.Message) string {
	return fmt.Sprintf("%s %s %x", []string{"con", "non", "ack", "rst"}[m.Type], wire.Code(m.Code), m.Payload)
}

func (b *bench) put(mid int, body string, options ...coap.Option) string {
	return b.say(coap.NonConfirmable, coap.PUT, fmt.Sprint(mitigatePath, mid), body, options...)
}

func (b *bench) get(mid int, options ...coap.Option) string {
	return b.say(coap.NonConfirmable, coap.GET, fmt.Sprint(mitigatePath, mid), "", options...)
}

// told is the notifications that are due.
func (b *bench) told() (list []string) {
	b.collect()
	for _, m := range b.notifications(b.clock.Now()) {
		list = append(list, shown(m))
	}
	return list
}

func (b *bench) key(mid uint32) wire.Key { return wire.Key{Client: b.client, CUID: "c", MID: mid} }

// expect compares the beginning of an answer.
func (b *bench) expect(what, got, want string) {
	b.t.Helper()
	if want == "" && got != "" || !strings.HasPrefix(got, want) {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// scope is a request with these prefixes.
func scope(target, source string) string {
	r := wire.Request{Lifetime: 60, Scope: wire.Scope{Targets: []netip.Prefix{netip.MustParsePrefix(target)}, Sources: []netip.Prefix{netip.MustParsePrefix(source)}}}
	return hex.EncodeToString(r.Encode())
}
