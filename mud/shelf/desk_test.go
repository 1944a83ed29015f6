package shelf

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/mud"
	"spinneret/mud/fetch"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var lamp, cam, tv = MAC{2, 0, 0, 0, 0, 1}, MAC{2, 0, 0, 0, 0, 2}, MAC{2, 0, 0, 0, 0, 3}

// everybody is known.
func everybody(MAC) bool { return true }

// makers who sign.
var maker, thief = &Pin{Subject: []byte("maker")}, &Pin{Subject: []byte("thief")}

// desk is a shelf with a clock that is moved by hand.
type desk struct {
	*testing.T
	*Shelf
	now time.Time
}

func newDesk(t *testing.T) *desk {
	return &desk{T: t, Shelf: New(func() float64 { return 0 }), now: noon}
}

func url(text string) mud.URL {
	u, err := mud.ParseURL(text)
	if err != nil {
		panic(err)
	}
	return u
}

var lampURL = url("https://lamps.example/one")

// file describes a device that may open connections to port 443 of these names; one with a slash is a prefix.
func file(u mud.URL, updated time.Time, names ...string) []byte {
	var aces []string
	for i, n := range names {
		match := fmt.Sprintf(`"ietf-acldns:dst-dnsname":%q`, n)
		if strings.Contains(n, "/") {
			match = fmt.Sprintf(`"destination-ipv4-network":%q`, n)
		}
		aces = append(aces, fmt.Sprintf(`{"name":"a%d","matches":{"ipv4":{"protocol":6,%s},
			"tcp":{"ietf-mud:direction-initiated":"from-device","destination-port":{"operator":"eq","port":443}}},
			"actions":{"forwarding":"accept"}}`, i, match))
	}
	return fmt.Appendf(nil, `{"ietf-mud:mud":{"mud-version":1,"mud-url":%q,"last-update":%q,"cache-validity":48,"is-supported":true,
		"mud-signature":"one.p7s","systeminfo":"a lamp",
		"from-device-policy":{"access-lists":{"access-list":[{"name":"f"}]}}},
		"ietf-access-control-list:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","aces":{"ace":[%s]}}]}}`,
		u, updated.Format(time.RFC3339), strings.Join(aces, ","))
}

// copyOf is a copy as Examine gives it.
func (d *desk) copyOf(octets []byte, by *Pin) *Copy {
	d.Helper()
	c, err := Read(octets)
	if err != nil {
		d.Fatal(err)
	}
	if c.Signer = by; by == nil {
		c.Unsigned = "it is not signed"
	} else {
		c.SignedBy, c.SignedTill = string(by.Subject), d.now.Add(365*day)
	}
	c.At = d.now
	return c
}

// due are the URLs that are to be got now.
func (d *desk) due() (urls []string) {
	for _, j := range d.Due(d.now, true) {
		urls = append(urls, j.URL.String())
	}
	slices.Sort(urls)
	return urls
}

// gives is the server's answer with a file of today, or of the time given.
func (d *desk) gives(u mud.URL, c *Copy) []Notice {
	return d.Take(Delivery{Key: u.Key(), Copy: c, Version: fetch.Version{ETag: c.Digest}}, d.now)
}

func (d *desk) fails(u mud.URL, kind fetch.Kind) []Notice {
	return d.Take(Delivery{Key: u.Key(), Err: &fetch.Error{Kind: kind, Err: fmt.Errorf("no luck")}}, d.now)
}

// wait lets time pass.
func (d *desk) wait(t time.Duration) { d.now = d.now.Add(t) }

func (d *desk) want(mac MAC, state State, allowed ...string) {
	d.Helper()
	if got := d.State(mac); got != state {
		d.Errorf("the state is %s, want %s", got, state)
	}
	if got := d.allowed(mac); !slices.Equal(got, allowed) {
		d.Errorf("it may open connections to %q, want %q", got, allowed)
	}
}

// allowed are the parties of the rules of its own that are in force.
func (d *desk) allowed(mac MAC) (parties []string) {
	p, ok := d.Holds(mac).Policy(false)
	if !ok {
		return nil
	}
	for _, r := range p.From {
		if !r.Default && r.Held == "" {
			parties = append(parties, r.Remote[0].String())
		}
	}
	return parties
}

// questions are the kinds of what waits, with the first reason of each.
func (d *desk) questions(mac MAC) (list []string) {
	for _, q := range d.Questions(mac, true) {
		list = append(list, q.Kind+": "+q.Why[0])
	}
	return list
}

func (d *desk) wantAsked(mac MAC, want ...string) {
	d.Helper()
	got := d.questions(mac)
	if len(got) != len(want) {
		d.Fatalf("asked is %q, want %q", got, want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			d.Errorf("asked is %q, want %q", got[i], want[i])
		}
	}
}

// answer answers all that waits.
func (d *desk) answer(mac MAC, yes bool) {
	d.Helper()
	for _, q := range d.Questions(mac, true) {
		if err := d.Answer(mac, q.ID, yes, d.now); err != nil {
			d.Error(err)
		}
	}
}

// restart writes the shelf down and reads it back, the way of its files.
func (d *desk) restart() {
	d.Helper()
	files := map[string][]byte{}
	_, copies := d.Save()
	for _, c := range copies {
		files[c.Name()] = c.Octets
	}
	if err := d.restartWith(files); err != nil {
		d.Error(err)
	}
}

// restartWith does so with the files of copies that are left.
func (d *desk) restartWith(files map[string][]byte) error {
	d.Helper()
	saved, _ := d.Save()
	data, err := json.Marshal(saved)
	if err != nil {
		d.Fatal(err)
	}
	var back Saved
	if err := json.Unmarshal(data, &back); err != nil {
		d.Fatal(err)
	}
	d.Shelf = New(func() float64 { return 0.5 })
	return d.Restore(back, func(name string) ([]byte, error) {
		if files[name] == nil {
			return nil, fmt.Errorf("%s is missing", name)
		}
		return files[name], nil
	})
}

// heard has a device name a URL whose file is in force.
func (d *desk) heard(mac MAC, u mud.URL, c *Copy) {
	d.Helper()
	d.Hear(mac, u, DHCPv4, d.now)
	d.due()
	d.gives(u, c)
}
