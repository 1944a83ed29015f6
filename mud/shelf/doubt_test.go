package shelf

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// nobody's signature is a bad one.
var nobody = &Pin{Subject: []byte("nobody")}

// bare leaves out where the signature is of a file that nobody signs.
func bare(octets []byte, by *Pin) []byte {
	if by != nil {
		return octets
	}
	return []byte(strings.Replace(string(octets), `"mud-signature":"one.p7s",`, "", 1))
}

// TestWhatChangesAFile, and whether the owner has to agree to it.
func TestWhatChangesAFile(t *testing.T) {
	later := noon.Add(day)
	elsewhere := url("https://lamps.example/two")
	for name, c := range map[string]struct {
		before, after []string
		signed, signs *Pin
		url           string
		updated       time.Time
		asked         string // part of why the owner is asked; "" is not asked
	}{
		"the same signer, narrower":     {[]string{"a", "b"}, []string{"a"}, maker, maker, "", later, ""},
		"the same signer, wider":        {[]string{"a"}, []string{"a", "b"}, maker, maker, "", later, ""},
		"another signer":                {[]string{"a"}, []string{"a"}, maker, thief, "", later, "signed by \"thief\""},
		"no signer any more":            {[]string{"a"}, []string{"a"}, maker, nil, "", later, "not signed"},
		"never signed, narrower":        {[]string{"a", "b"}, []string{"a"}, nil, nil, "", later, ""},
		"never signed, wider":           {[]string{"a"}, []string{"a", "b"}, nil, nil, "", later, "not signed"},
		"signed badly now, narrower":    {[]string{"a", "b"}, []string{"a"}, nil, nobody, "", later, "not signed"},
		"signed now, narrower":          {[]string{"a", "b"}, []string{"a"}, nil, maker, "", later, ""},
		"signed now, wider":             {[]string{"a"}, []string{"a", "b"}, nil, maker, "", later, "allows more"},
		"an older file":                 {[]string{"a"}, []string{"a", "b"}, maker, maker, "", noon.Add(-day), "older than"},
		"a file that belongs elsewhere": {[]string{"a"}, []string{"a"}, maker, maker, elsewhere.String(), later, "belongs to " + elsewhere.String()},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Hear(lamp, lampURL, DHCPv4, d.now)
			d.due()
			d.gives(lampURL, d.copyOf(bare(file(lampURL, noon, c.before...), c.signed), c.signed))
			d.answer(lamp, true)
			d.want(lamp, Active, c.before...)
			says := lampURL
			if c.url != "" {
				says = url(c.url)
			}
			after := file(says, c.updated, c.after...)
			if c.signs != nobody {
				after = bare(after, c.signs)
			} else {
				c.signs = nil
			}
			notices := d.gives(lampURL, d.copyOf(after, c.signs))
			if len(notices) != 1 {
				t.Errorf("told is %+v", notices)
			}
			if c.asked == "" {
				d.wantAsked(lamp)
				d.want(lamp, Active, c.after...)
				return
			}
			d.wantAsked(lamp, c.asked)
			d.want(lamp, Active, c.before...)
			d.restart()
			d.wantAsked(lamp, c.asked)
			d.answer(lamp, true)
			d.wantAsked(lamp)
			d.want(lamp, Active, c.after...)
		})
	}
}

// TestTheFirstFile of a URL needs the owner's word only where nobody vouches for it.
func TestTheFirstFile(t *testing.T) {
	d := newDesk(t)
	d.Hear(lamp, lampURL, DHCPv4, d.now)
	d.due()
	d.gives(lampURL, d.copyOf(file(lampURL, noon, "a"), nil))
	d.want(lamp, Held)
	d.wantAsked(lamp, "not signed")
	d.answer(lamp, false)
	d.wantAsked(lamp)
	d.want(lamp, Pending)
	d.gives(lampURL, d.copyOf(file(lampURL, noon, "a"), nil))
	d.wantAsked(lamp) // it was turned down
	d.gives(lampURL, d.copyOf(file(lampURL, noon, "b"), nil))
	d.wantAsked(lamp, "not signed") // another file is another question
}

// TestASignerIsKnownForAllOfAMaker: who signs another of its files is not asked about, a stranger is.
func TestASignerIsKnownForAllOfAMaker(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a"), maker))
	two, three := url("https://lamps.example/two"), url("https://lamps.example/three")
	d.heard(cam, two, d.copyOf(file(two, noon, "a"), maker))
	d.want(cam, Active, "a")
	d.heard(tv, three, d.copyOf(file(three, noon, "a"), thief))
	d.want(tv, Held)
	d.wantAsked(tv, "thief")
}

// TestTheSameFileNeedsNoNewSignature: certificates end, what was signed well does not change by it. But it may gain one.
func TestTheSameFileNeedsNoNewSignature(t *testing.T) {
	d := newDesk(t)
	octets := file(lampURL, noon, "a")
	d.heard(lamp, lampURL, d.copyOf(octets, maker))
	d.wait(400 * day)
	d.gives(lampURL, d.copyOf(octets, nil))
	d.want(lamp, Active, "a")
	d.wantAsked(lamp)
	if p := d.Problems(lamp, d.now, true); len(p) != 1 || !strings.Contains(p[0], "must be signed anew") {
		t.Errorf("problems are %q", p)
	}
	u := url("https://cams.example/c")
	d.heard(cam, u, d.copyOf(file(u, noon, "a"), nil))
	d.answer(cam, true)
	d.gives(u, d.copyOf(file(u, noon, "a"), maker))
	if title := d.Holds(cam); !title.Pin.is(maker) || title.Current.Unsigned != "" {
		t.Errorf("signed later, it is %+v by %+v", title.Current, title.Pin)
	}
}

// TestEntriesThatWait are left out until the owner agrees, once for each, whatever else changes in the file.
func TestEntriesThatWait(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a", "192.0.2.1/32"), maker))
	d.want(lamp, Active, "a")
	d.wantAsked(lamp, "entries: it names addresses")
	q := d.Questions(lamp, true)[0]
	if len(q.Policy) != 1 || !strings.Contains(q.Policy[0], "192.0.2.1") {
		t.Errorf("asked is about %q", q.Policy)
	}
	d.gives(lampURL, d.copyOf(file(lampURL, noon.Add(day), "a", "192.0.2.1/32", "192.0.2.2/32"), maker))
	if err := d.Answer(lamp, q.ID, true, d.now); !errors.Is(err, ErrNoQuestion) {
		t.Errorf("the answer to what was asked before counts for what is asked now: %v", err)
	}
	d.answer(lamp, true)
	d.want(lamp, Active, "a", "192.0.2.1", "192.0.2.2")
	d.gives(lampURL, d.copyOf(file(lampURL, noon.Add(2*day), "192.0.2.2/32", "192.0.2.3/32", "a"), maker))
	d.restart()
	d.want(lamp, Active, "192.0.2.2", "a")
	d.wantAsked(lamp, "entries")
	d.answer(lamp, false)
	d.wantAsked(lamp)
	d.want(lamp, Active, "192.0.2.2", "a")
}

// TestAnotherURL that a device names later waits for the owner.
func TestAnotherURL(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a"), maker))
	open := url("https://permissive.example/all")
	if !d.Hear(lamp, open, DHCPv4, d.now) || d.Hear(lamp, open, DHCPv6, d.now) {
		t.Error("another URL is news once")
	}
	if got := d.due(); got != nil {
		t.Errorf("due is %q before the owner agreed", got)
	}
	d.wantAsked(lamp, "url: the device names "+open.String())
	d.restart()
	d.answer(lamp, false)
	if d.Hear(lamp, open, DHCPv4, d.now) {
		t.Error("what was turned down is news again")
	}
	d.wantAsked(lamp)
	d.want(lamp, Active, "a")
	third := url("https://lamps2.example/one")
	d.Hear(lamp, third, DHCPv4, d.now)
	d.answer(lamp, true)
	d.want(lamp, Pending)
	if got := d.due(); len(got) != 1 || got[0] != third.String() {
		t.Errorf("due is %q", got)
	}
}

// TestANewerURLOfTheSameMaker is taken unasked where only its last part differs and the same signer signed what is there.
func TestANewerURLOfTheSameMaker(t *testing.T) {
	for name, c := range map[string]struct {
		url   string
		by    *Pin
		taken bool
	}{
		"the same signer":   {"https://lamps.example/two", maker, true},
		"another signer":    {"https://lamps.example/two", thief, false},
		"nobody signs":      {"https://lamps.example/two", nil, false},
		"another directory": {"https://lamps.example/new/two", maker, false},
		"another host":      {"https://lamps2.example/two", maker, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a"), maker))
			d.heard(lamp, url(c.url), d.copyOf(file(url(c.url), noon, "b"), c.by))
			if c.taken {
				d.want(lamp, Active, "b")
				d.wantAsked(lamp)
				return
			}
			d.want(lamp, Active, "a")
			d.wantAsked(lamp, "url: the device names")
			d.answer(lamp, true)
			if h, _ := d.Holder(lamp); h.Heard != url(c.url) {
				t.Errorf("agreed to, it is %+v", h)
			}
		})
	}
}

// TestAStepBack to an older file by another URL needs the owner's word, whoever signed it; one that names many URLs is told
// of once.
func TestAStepBack(t *testing.T) {
	d := newDesk(t)
	d.heard(lamp, lampURL, d.copyOf(file(lampURL, noon, "a"), maker))
	older := url("https://lamps.example/zero")
	d.heard(lamp, older, d.copyOf(file(older, noon.Add(-day), "a", "b"), maker))
	d.want(lamp, Active, "a")
	d.wantAsked(lamp, "url: the device names "+older.String())
	if d.Hear(lamp, url("https://other.example/"), DHCPv4, d.now) {
		t.Error("another URL within the hour is news")
	}
	d.wait(time.Hour)
	if !d.Hear(lamp, url("https://third.example/"), DHCPv4, d.now) {
		t.Error("another URL after an hour is no news")
	}
}

// TestWeakWordsGiveWay: those of a relay and of the DHCP server. The device's own takes its place unasked, and never the other way round.
func TestWeakWordsGiveWay(t *testing.T) {
	for _, by := range []Source{Relayed, Server} {
		t.Run(string(by), func(t *testing.T) { givesWay(t, by) })
	}
}

func givesWay(t *testing.T, by Source) {
	t.Helper()
	d := newDesk(t)
	d.Hear(lamp, url("https://lie.example/"), by, d.now)
	d.Hear(lamp, lampURL, DHCPv6, d.now)
	if h, _ := d.Holder(lamp); h.Heard != lampURL || h.HeardBy != DHCPv6 {
		t.Errorf("it is %+v", h)
	}
	if d.Hear(lamp, url("https://lie.example/"), by, d.now) {
		t.Error("a weak word is news")
	}
	d.wantAsked(lamp)
}

// TestWhatTheOwnerChoseForIsNotReplaced: the device's own word waits for him then, as any other.
func TestWhatTheOwnerChoseForIsNotReplaced(t *testing.T) {
	d := newDesk(t)
	d.Hear(lamp, lampURL, Relayed, d.now)
	if err := d.SetMode(lamp, Enforce, d.now); err != nil {
		t.Fatal(err)
	}
	d.Hear(lamp, url("https://lie.example/"), DHCPv4, d.now)
	if h, _ := d.Holder(lamp); h.Heard != lampURL || h.Proposed != url("https://lie.example/") {
		t.Errorf("it is %+v", h)
	}
}
