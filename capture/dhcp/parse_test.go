package dhcp

import (
	"slices"
	"strings"
	"testing"

	"spinneret/capture/packet"
)

func TestParseV4ReadsWhatAClientSays(t *testing.T) {
	m, err := ParseV4(ask(Request, cam,
		text(v4Hostname, "Anna’s cam\x00"), []byte{v4Pad}, text(v4MUD, mud)))
	if err != nil {
		t.Fatal(err)
	}
	if m.Type != Request || m.Reply || m.MAC != cam {
		t.Errorf("header %+v", m)
	}
	if m.Hostname != "Anna’s cam" || m.MUDURL != mud || m.Fingerprint() != "v4:1,3,6 udhcp 1.36.1" {
		t.Errorf("hostname %q, MUD URL %q, fingerprint %q", m.Hostname, m.MUDURL, m.Fingerprint())
	}
}

func TestHostnamesOfV4(t *testing.T) {
	tests := map[string]struct {
		options [][]byte
		want    string
	}{
		"option 12":                 {[][]byte{text(v4Hostname, "cam")}, "cam"},
		"in pieces":                 {[][]byte{text(v4Hostname, "front-"), {v4Pad}, text(v4Hostname, "door")}, "front-door"},
		"plain FQDN":                {[][]byte{text(v4FQDN, "\x01\x00\x00cam.home.example")}, "cam"},
		"encoded FQDN":              {[][]byte{text(v4FQDN, "\x05\x00\x00\x03cam\x04home\x00")}, "cam"},
		"encoded without an end":    {[][]byte{text(v4FQDN, "\x05\x00\x00\x03cam")}, "cam"},
		"encoded badly":             {[][]byte{text(v4FQDN, "\x05\x00\x00\x09cam")}, ""},
		"empty FQDN":                {[][]byte{text(v4FQDN, "\x05\x00\x00")}, ""},
		"both":                      {[][]byte{text(v4FQDN, "\x01\x00\x00long.example"), text(v4Hostname, "short")}, "short"},
		"control and direction":     {[][]byte{text(v4Hostname, "c\x1b[31ma\u202em\xff ")}, "c[31mam"},
		"too long":                  {[][]byte{text(v4Hostname, strings.Repeat("é", 100))}, strings.Repeat("é", maxHostname)},
		"in the server name":        {[][]byte{option(v4Overload, 2)}, "sname"},
		"in the file":               {[][]byte{option(v4Overload, 1)}, "file"},
		"in the file, then in name": {[][]byte{option(v4Overload, 3)}, "filesname"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := v4(1, cam, append(test.options, option(v4Type, Discover))...)
			copy(b[44:], append(text(v4Hostname, "sname"), v4End))
			copy(b[108:], text(v4Hostname, "file")) // filled up with pads, without an end
			if m, err := ParseV4(b); err != nil || m.Hostname != test.want {
				t.Errorf("hostname %q (%v), want %q", m.Hostname, err, test.want)
			}
		})
	}
}

func TestParseV4Refuses(t *testing.T) {
	whole := ask(Request, cam)
	tests := map[string][]byte{
		"nothing":             nil,
		"a header alone":      whole[:236],
		"no cookie":           make([]byte, 300),
		"no op code":          v4(3, cam, option(v4Type, Request)),
		"BOOTP":               v4(1, cam),
		"a type of two bytes": v4(1, cam, option(v4Type, 3, 3)),
		"a cut option":        whole[:len(whole)-4],
		"no end":              whole[:len(whole)-1],
		"a code without more": append(slices.Clone(whole[:len(whole)-1]), v4Hostname),
		"an overload of 4":    ask(Request, cam, option(v4Overload, 4)),
		"an overload of none": ask(Request, cam, option(v4Overload)),
		"more than a frame":   append(slices.Clone(whole), make([]byte, maxMessage)...),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			if m, err := ParseV4(b); err == nil {
				t.Errorf("read as %+v", m)
			}
		})
	}
}

func TestAMessageOfAnotherLinkHasNoMAC(t *testing.T) {
	b := ask(Request, cam)
	b[1] = 32 // InfiniBand
	if m, err := ParseV4(b); err != nil || !m.MAC.IsZero() {
		t.Errorf("MAC %v (%v), want none", m.MAC, err)
	}
}

func TestAMUDURLIsKeptAsItCameOrNotAtAll(t *testing.T) {
	for raw, want := range map[string]string{
		mud:               mud,
		mud + "\x00\x00":  mud,
		mud + " more":     mud,
		" " + mud:         "",
		"https://a\x00b":  "",
		"file:///etc/x":   "file:///etc/x",
		"https://a\nb":    "",
		"https://caf\xe9": "",
		"":                "",
	} {
		if m, err := ParseV4(ask(Request, cam, text(v4MUD, raw))); err != nil || m.MUDURL != want {
			t.Errorf("%q was read as %q (%v), want %q", raw, m.MUDURL, err, want)
		}
	}
	long := make([]byte, maxMUDURL+1)
	for i := range long {
		long[i] = 'x'
	}
	if m, err := ParseV6(v6(Solicit, option6(v6MUD, long...))); err != nil || m.MUDURL != "" {
		t.Errorf("%d bytes were kept (%v)", len(m.MUDURL), err)
	}
}

func TestParseV6ReadsWhatAClientSays(t *testing.T) {
	link := option6(v6Link, append([]byte{0, 1}, tv[:]...)...)
	tests := map[string]struct {
		message []byte
		relays  int
		link    packet.MAC
	}{
		"itself":      {solicit(), 0, packet.MAC{}},
		"by a relay":  {relayed(solicit(), link), 1, tv},
		"by two":      {relayed(relayed(solicit(), link)), 2, tv},
		"said twice":  {solicit(option6(v6MUD, []byte("https://other.example")...)), 0, packet.MAC{}},
		"with others": {solicit(option6(14), option6(3, make([]byte, 12)...)), 0, packet.MAC{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := ParseV6(test.message)
			if err != nil {
				t.Fatal(err)
			}
			if m.Type != Solicit || m.Relays != test.relays || m.LinkMAC != test.link || m.DUIDMAC != cam {
				t.Errorf("type %d, %d relays, link %v, DUID of %v", m.Type, m.Relays, m.LinkMAC, m.DUIDMAC)
			}
			if m.Hostname != "cam" || m.MUDURL != mud || m.Fingerprint() != "v6:23,24 40712 dhcpcd" {
				t.Errorf("hostname %q, MUD URL %q, fingerprint %q", m.Hostname, m.MUDURL, m.Fingerprint())
			}
		})
	}
}

func TestMACsInDUIDs(t *testing.T) {
	for name, test := range map[string]struct {
		duid []byte
		want packet.MAC
	}{
		"with time":        {append([]byte{0, 1, 0, 1, 9, 9, 9, 9}, cam[:]...), cam},
		"without":          {append([]byte{0, 3, 0, 1}, cam[:]...), cam},
		"of a maker":       {[]byte{0, 2, 0, 0, 0x9f, 8, 1, 2, 3, 4}, packet.MAC{}},
		"of another link":  {append([]byte{0, 3, 0, 32}, cam[:]...), packet.MAC{}},
		"a MAC too short":  {append([]byte{0, 3, 0, 1}, cam[1:]...), packet.MAC{}},
		"nothing but type": {[]byte{0, 3, 0}, packet.MAC{}},
	} {
		m, err := ParseV6(v6(Solicit, option6(v6ClientID, test.duid...)))
		if err != nil || m.DUIDMAC != test.want {
			t.Errorf("%s: %v (%v), want %v", name, m.DUIDMAC, err, test.want)
		}
	}
}

func TestParseV6Refuses(t *testing.T) {
	deep := solicit()
	for range maxHops + 2 {
		deep = relayed(deep)
	}
	tests := map[string][]byte{
		"nothing":               nil,
		"half a header":         {1, 2, 3},
		"type 0":                v6(0),
		"half an option header": v6(Solicit, []byte{0, 1}),
		"a cut option":          v6(Solicit, []byte{0, 1, 0, 9, 1}),
		"odd options asked":     v6(Solicit, option6(v6Oro, 0, 1, 2)),
		"a DUID of two bytes":   v6(Solicit, option6(v6ClientID, 0, 1)),
		"a DUID without end":    v6(Solicit, option6(v6ClientID, make([]byte, 131)...)),
		"a class of no maker":   v6(Solicit, option6(v6Class, 0, 0, 1)),
		"half a relay":          relayed(nil)[:20],
		"a relay of nothing":    emptyRelay(),
		"ten relays":            deep,
		"more than a frame":     v6(Solicit, option6(200, make([]byte, maxMessage)...)),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			if m, err := ParseV6(b); err == nil {
				t.Errorf("read as %+v", m)
			}
		})
	}
}

// emptyRelay is a Relay-Forward without a message in it.
func emptyRelay() []byte { return append([]byte{relayForward}, make([]byte, 33)...) }

func TestAFingerprintIsBoundedAndEmptyForNothing(t *testing.T) {
	if f := (&MessageV4{}).Fingerprint(); f != "" {
		t.Errorf("%q of nothing", f)
	}
	if f := (&MessageV4{Class: "x"}).Fingerprint(); f != "v4: x" {
		t.Errorf("%q of a class alone", f)
	}
	m := MessageV6{Options: make([]uint16, 1000)}
	if n := strings.Count(m.Fingerprint(), "0"); n != maxAsked {
		t.Errorf("%d options, want %d", n, maxAsked)
	}
}
