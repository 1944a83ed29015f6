package anomaly

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// The devices of an ordinary home, as the lab's household has them, at the pace of a real one.
const (
	theCam = iota + 1
	theTV
	thePhone
	theLaptop
	theBulb
	thePrinter
	theThermostat
	thePlug
	theSpeaker
	theVacuum
	theGardenCam
	theTablet
	household = theTablet
)

var deviceName = map[int]string{
	theCam: "camera", theTV: "TV", thePhone: "phone", theLaptop: "laptop", theBulb: "bulb", thePrinter: "printer",
	theThermostat: "thermostat", thePlug: "plug", theSpeaker: "speaker", theVacuum: "vacuum", theGardenCam: "garden camera", theTablet: "tablet",
}

func macOf(device int) packet.MAC { return packet.MAC{2, 0, 0, 0, 1, byte(device)} }

// family is a house with the habits of its people. Nothing in it is by chance: the same seed is the same week.
type family struct {
	*house
	dice *rand.Rand
	long map[string]*capture.Flow
}

func newFamily(seed uint64) *family {
	return &family{newHouse(), rand.New(rand.NewPCG(seed, 9)), map[string]*capture.Flow{}}
}

// each is true once in so many seconds, by chance.
func (f *family) each(d time.Duration) bool { return f.dice.Float64() < 1/d.Seconds() }

// keeps carries something on a connection that stays open, until it is opened anew every few hours.
func (f *family) keeps(device int, party string, tx, rx uint64) {
	key := fmt.Sprint(device, party)
	c := f.long[key]
	if c == nil || f.each(20*time.Minute) {
		c = f.opens(macOf(device), f.host(party), 443, packet.ProtoTCP)
		f.long[key] = c
	}
	f.carries(c, 2+tx/1400+rx/2800, tx, 2+rx/1400+tx/2800, rx)
}

func (f *family) asks(device int, party string, tx, rx uint64) {
	f.talks(macOf(device), f.host(party), 443, packet.ProtoTCP, tx, rx)
}

// oneOf is a party of so many of a kind; the first are the ones one goes to most.
func (f *family) oneOf(kind string, n int) string {
	return fmt.Sprintf("%s%d.example", kind, int(float64(n)*f.dice.Float64()*f.dice.Float64()))
}

// lives is one second of the day.
func (f *family) lives() {
	hour, day := f.now.Hour(), f.now.Weekday()
	free := day == time.Saturday || day == time.Sunday
	awake := hour >= 7 && hour < 23
	evening := hour >= 18 && hour < 23 || free && hour >= 10 && hour < 23
	f.small()
	if evening {
		f.watches()
	}
	if awake {
		f.phones()
	}
	if !free && hour >= 9 && hour < 18 || evening {
		f.works(hour)
	}
	if f.each(20*time.Hour) && awake {
		f.moves()
	}
}

// small are the devices that one forgets having.
func (f *family) small() {
	if f.now.Second()%10 == 0 {
		f.keeps(theCam, "cam.example", 400_000, 8_000)
	}
	if f.each(30 * time.Second) { // somebody passes
		f.keeps(theGardenCam, "gardeneye.example", 600_000, 9_000)
	}
	for device, party := range map[int]string{theBulb: "lumen.example", thePlug: "plugworks.example"} {
		if f.now.Second() == device {
			f.keeps(device, party, 200, 200)
		}
	}
	for device, party := range map[int]string{
		theThermostat: "warmhome.example", thePrinter: "inkworks.example", theVacuum: "sweeper.example", theCam: "events.cam.example",
	} {
		if f.each(10 * time.Minute) {
			f.asks(device, party, 1500, 900)
		}
		if f.each(time.Hour) {
			f.talks(macOf(device), f.host("NTP Pool"), 123, packet.ProtoUDP, 76, 76)
		}
		if f.each(3 * 24 * time.Hour) { // new firmware
			f.asks(device, party, 90_000, 4_000_000)
		}
	}
}

func (f *family) watches() {
	if f.now.Second()%3 == 0 {
		f.keeps(theTV, "filmbox.example", 4_000, 2_500_000+f.dice.Uint64N(3_000_000))
		f.keeps(theSpeaker, "tunes.example", 1_000, 60_000)
	}
	if f.each(40 * time.Second) {
		f.asks(theTV, f.oneOf("banner", 9), 2000, 40_000)
	}
	if f.now.Second()%4 == 0 {
		f.keeps(theTablet, "kidstube.example", 3_000, 900_000)
	}
	if f.each(20 * time.Second) {
		f.asks(theTablet, f.oneOf("game", 40), 2000, 60_000)
	}
}

func (f *family) phones() {
	if f.each(30 * time.Second) {
		for range 1 + f.dice.IntN(8) {
			f.asks(thePhone, f.oneOf("app", 200), 3_000, 30_000+f.dice.Uint64N(300_000))
		}
	}
	if f.now.Second() == 30 {
		f.keeps(thePhone, "push.example", 100, 100)
	}
	if f.each(4 * time.Hour) { // photos
		f.asks(thePhone, "cloudbox.example", 20_000_000+f.dice.Uint64N(200_000_000), 500_000)
	}
	if f.each(2 * time.Hour) { // printing
		f.talks(macOf(thePhone), addressOf(macOf(thePrinter)), 631, packet.ProtoTCP, 300_000, 5_000)
	}
}

func (f *family) works(hour int) {
	if f.each(12 * time.Second) { // a page
		for range 3 + f.dice.IntN(30) {
			f.asks(theLaptop, f.oneOf("web", 2000), 4_000, 60_000)
		}
	}
	if hour == 10 || hour == 14 { // a meeting
		call := f.long["call"]
		if call == nil || f.now.Sub(call.First) > time.Hour {
			call = f.opens(macOf(theLaptop), f.host("call.example"), 3478, packet.ProtoUDP)
			f.long["call"] = call
		}
		f.carries(call, 150, 150_000, 170, 190_000)
	}
	if f.each(5 * time.Minute) {
		f.talks(macOf(theLaptop), f.host("forge.example"), 22, packet.ProtoTCP, 9_000, 90_000)
	}
	if f.each(time.Hour) { // a name that is not there, and one that does not answer
		f.opens(macOf(theLaptop), f.host(f.oneOf("gone", 50)), 443, packet.ProtoTCP)
	}
}

// moves is something large, once a day: a film is uploaded, a game is loaded, a backup is made.
func (f *family) moves() {
	switch f.dice.IntN(3) {
	case 0:
		f.asks(theLaptop, "cloudbox.example", 900_000_000, 9_000_000)
	case 1:
		f.asks(theLaptop, f.oneOf("game-store", 3), 30_000_000, 3_000_000_000)
	case 2:
		f.talks(macOf(theLaptop), netip.MustParseAddr("192.168.1.200"), 445, packet.ProtoTCP, 8_000_000_000, 90_000_000)
	}
}

// passes lets so much time pass. From the third to the fourth hour of the third day the internet is down.
func (f *family) passes(d time.Duration) {
	end := f.now.Add(d)
	outage := monday.Add(2*24*time.Hour + 19*time.Hour)
	for f.now.Before(end) {
		f.offline = f.now.After(outage) && f.now.Before(outage.Add(20*time.Minute))
		f.lives()
		f.second()
	}
}

// above counts the findings above a note, and says them.
func (f *family) above(t testing.TB) (n int) {
	for _, x := range f.news {
		name := deviceName[int(x.Device[5])]
		t.Logf("%s %s: the %s %s", x.Start.Format("Mon 15:04"), x.Severity, name, x.Text)
		if x.Severity > Note {
			n++
		}
	}
	return n
}

// TestAnOrdinaryDay, the second of a home, brings nothing above a note.
func TestAnOrdinaryDay(t *testing.T) {
	f := newFamily(1)
	f.passes(34 * time.Hour)
	if n := f.above(t); n > 0 {
		t.Errorf("%d findings above a note", n)
	}
	for device, single := range map[int]bool{theCam: true, theBulb: true, theThermostat: true, thePhone: false, theLaptop: false} {
		if k, _ := f.d.Knows(macOf(device)); k.Learning || k.Single != single {
			t.Errorf("of the %s is known %q", deviceName[device], k.Words())
		}
	}
}

// BenchmarkAnOrdinaryWeek is that of several homes, and says how many findings above a note a device has in a week.
func BenchmarkAnOrdinaryWeek(b *testing.B) {
	above, homes := 0, 0
	for b.Loop() {
		f := newFamily(uint64(homes))
		f.passes(7 * 24 * time.Hour)
		above += f.above(b)
		homes++
	}
	b.ReportMetric(float64(above)/float64(homes*household), "findings-above-note/device-week")
}
