package agent

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/mud/shelf"
	"spinneret/ui"
)

const lampURL = "https://lamps.example/one"

// lampFile describes a device that may open connections to a name and to an address.
const lampFile = `{"ietf-mud:mud":{"mud-version":1,"mud-url":"` + lampURL + `","last-update":"2026-11-01T00:00:00Z",
	"cache-validity":48,"is-supported":true,"systeminfo":"a lamp",
	"from-device-policy":{"access-lists":{"access-list":[{"name":"f"}]}}},
	"ietf-access-control-list:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","aces":{"ace":[
	{"name":"a","matches":{"ipv4":{"ietf-acldns:dst-dnsname":"a.example"}},"actions":{"forwarding":"accept"}},
	{"name":"b","matches":{"ipv4":{"destination-ipv4-network":"192.0.2.1/32"}},"actions":{"forwarding":"accept"}}]}}]}}`

// library is a home whose makers' servers are the test: it takes the jobs and gives what it likes.
type library struct{ bubble }

// inLibrary runs a test with a home of n devices.
func inLibrary(t *testing.T, n int, test func(library)) {
	t.Helper()
	inBubble(t, n, &fakeKernel{}, func(b bubble) {
		if err := b.do(b.Context(), func() { b.errands = newErrands(b.options, b.log) }); err != nil {
			t.Fatal(err)
		}
		test(library{b})
	})
}

// names lets a device ask for an address, with a MUD URL.
func (l library) names(i int, url string) {
	l.Helper()
	mac := macOf(i)
	b := make([]byte, 240)
	b[0], b[1], b[2] = 1, 1, 6
	copy(b[28:], mac[:])
	copy(b[236:], []byte{0x63, 0x82, 0x53, 0x63})
	b = append(b, 53, 1, 1, 161, byte(len(url)))
	b = append(append(b, url...), 255)
	l.dhcp.Observe(&packet.Packet{EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP, SrcPort: 68, DstPort: 67, Payload: b}, mac, packet.MAC{})
	l.tick()
}

// tick waits until the loop looked at everything.
func (l library) tick() {
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

// asked are the URLs that are to be got, and taken off the list.
func (l library) asked() (urls []string) {
	for {
		select {
		case j := <-l.errands.jobC:
			urls = append(urls, j.URL.String())
		default:
			return urls
		}
	}
}

func (l library) gives(d shelf.Delivery) {
	d.Key = key(lampURL)
	l.errands.doneC <- d
	l.tick()
}

func key(url string) string {
	u, err := mud.ParseURL(url)
	if err != nil {
		panic(err)
	}
	return u.Key()
}

// file is a copy, signed or not.
func (l library) file(signed bool) *shelf.Copy {
	l.Helper()
	c, err := shelf.Read([]byte(lampFile))
	if err != nil {
		l.Fatal(err)
	}
	if c.Unsigned = "it is not signed"; signed {
		c.Unsigned, c.Signer, c.SignedBy, c.SignedTill = "", &shelf.Pin{Subject: []byte("maker")}, "CN=maker", l.now().Add(1000*time.Hour)
	}
	return c
}

func (l library) of(i int) ui.MUD {
	l.Helper()
	m, err := l.MUD(l.Context(), macOf(i).String())
	if err != nil {
		l.Fatal(err)
	}
	return m
}

func (l library) wantTold(part string) {
	l.Helper()
	if told := l.told("mud"); !slices.ContainsFunc(told, func(text string) bool { return strings.Contains(text, part) }) {
		l.Errorf("told is %q, want %q in it", told, part)
	}
}

// keeps lets a home keep its state in a directory, until the test ends.
func (l library) keeps(dir state.Dir) {
	l.Helper()
	k := newKeeper(dir, l.endedC, l.log)
	if err := l.do(l.Context(), func() { l.keeper = k; l.adoptProfiles(dir) }); err != nil {
		l.Fatal(err)
	}
	go func() { _ = k.Run(l.Context()) }() // ends with the test
	synctest.Wait()
}
