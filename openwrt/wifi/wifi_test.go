package wifi

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/ubus"
)

var phone = [6]byte{2, 0, 0, 0, 0, 1}

// router is a router whose ubus is a shell script; each call's arguments are a line of its log.
type router struct {
	t   *testing.T
	dir string
}

// newRouter makes a ubus that answers as the cases say, which are those of a shell's case over all arguments.
func newRouter(t *testing.T, cases string) (*router, *Client) {
	t.Helper()
	r := &router{t, t.TempDir()}
	script := "#!/bin/sh\necho \"$*\" >> '" + r.path("log") + "'\ncase \"$*\" in\n" + cases + "\nesac\n"
	if err := os.WriteFile(r.path("ubus"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return r, New(r.path("ubus"))
}

func (r *router) path(name string) string { return filepath.Join(r.dir, name) }

// calls gives the log of calls so far.
func (r *router) calls() []string {
	b, err := os.ReadFile(r.path("log"))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

const twoRadios = `"list hostapd.*") printf 'hostapd.phy1-ap0\nhostapd.phy0-ap0\n';;`

func deletionOn(radio, ms string) string {
	return "call hostapd." + radio + ` del_client {"addr":"02:00:00:00:00:01","reason":5,"deauth":true,"ban_time":` + ms + "}"
}

func TestExpelPutsAStationOffEveryRadio(t *testing.T) {
	tests := map[string]struct {
		ban time.Duration
		ms  string
	}{
		"for a while":     {time.Minute, "60000"},
		"not a whole ms":  {1500 * time.Microsecond, "2"},
		"for a day":       {24 * time.Hour, "1800000"},
		"without end":     {0, "1800000"},
		"of a past end":   {-time.Second, "1800000"},
		"up to the limit": {MaxBan, "1800000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, c := newRouter(t, twoRadios)
			got, err := c.Expel(t.Context(), phone, test.ban)
			if err != nil || got.Why != "" || !slices.Equal(got.Radios, []string{"phy0-ap0", "phy1-ap0"}) {
				t.Errorf("result %+v (%v)", got, err)
			}
			want := []string{"list hostapd.*", deletionOn("phy0-ap0", test.ms), deletionOn("phy1-ap0", test.ms)}
			if calls := r.calls(); !slices.Equal(calls, want) {
				t.Errorf("calls %q, want %q", calls, want)
			}
		})
	}
}

func TestABanFitsIntoHostapdsMicroseconds(t *testing.T) {
	if MaxBan.Microseconds() > 1<<31-1 {
		t.Errorf("a ban of %v runs over", MaxBan)
	}
}

func TestWithoutHostapdTheResultSaysSo(t *testing.T) {
	_, none := newRouter(t, `*) echo 'Command failed: Not found' >&2; exit 4;;`)
	_, empty := newRouter(t, `*) exit 0;;`)
	for name, c := range map[string]*Client{
		"no ubus":                     New("no-such-program-as-ubus"),
		"no such file":                New(filepath.Join(t.TempDir(), "ubus")),
		"no hostapd":                  none,
		"none that this user may see": empty,
	} {
		t.Run(name, func(t *testing.T) {
			for verb, do := range map[string]func() (Result, error){
				"expel": func() (Result, error) { return c.Expel(t.Context(), phone, time.Minute) },
				"admit": func() (Result, error) { return c.Admit(t.Context(), phone) },
			} {
				r, err := do()
				if err != nil || r.Why != Absent || len(r.Radios) != 0 {
					t.Errorf("%s: %+v (%v)", verb, r, err)
				}
			}
		})
	}
}

func TestARadioThatFailsIsToldAndTheOthersAreDone(t *testing.T) {
	_, c := newRouter(t, twoRadios+"\n"+`"call hostapd.phy0-ap0 "*) echo 'Command failed: Permission denied' >&2; exit 6;;`)
	r, err := c.Expel(t.Context(), phone, time.Minute)
	if err == nil || !strings.Contains(err.Error(), "Permission denied") || !slices.Equal(r.Radios, []string{"phy1-ap0"}) {
		t.Errorf("result %+v (%v)", r, err)
	}
	if !strings.HasPrefix(r.Why, "not cut from the Wi-Fi of 1 of 2 radios: ubus call hostapd.phy0-ap0 del_client: ") {
		t.Errorf("why %q", r.Why)
	}
}

func TestARadioThatIsGoneMeanwhileIsNoFailure(t *testing.T) {
	_, c := newRouter(t, twoRadios+"\n"+`"call hostapd.phy0-ap0 "*) exit 4;;`)
	if r, err := c.Expel(t.Context(), phone, time.Minute); err != nil || r.Why != "" || !slices.Equal(r.Radios, []string{"phy1-ap0"}) {
		t.Errorf("result %+v (%v)", r, err)
	}
}

func TestAdmitEndsTheBanAndDisturbsNobody(t *testing.T) {
	r, c := newRouter(t, twoRadios+"\n"+`"call hostapd.phy0-ap0 get_clients") echo '{"freq":2412,"clients":{"02:00:00:00:00:01":{"auth":true},"0200.0000.0002":{},"x":{}}}';;
"call hostapd.phy1-ap0 get_clients") echo '{"clients":{}}';;`)
	got, err := c.Admit(t.Context(), phone)
	if err != nil || got.Why != "" || len(got.Radios) != 2 {
		t.Errorf("result %+v (%v)", got, err)
	}
	want := []string{
		"list hostapd.*", "call hostapd.phy0-ap0 get_clients", "call hostapd.phy1-ap0 get_clients", deletionOn("phy1-ap0", "0"),
	}
	if calls := r.calls(); !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

func TestNamesThatAreNoInterfacesAreNotCalled(t *testing.T) {
	r, c := newRouter(t, `"list hostapd.*") printf 'hostapd.\nhostapd.a b\nhostapd.-x\nhostapd.$(id)\nhostapd.sixteen-letters-\nnetwork.lan\nhostapd.wlan0\nhostapd.wlan0\n';;`)
	got, err := c.Expel(t.Context(), phone, time.Minute)
	if err != nil || !slices.Equal(got.Radios, []string{"wlan0"}) || len(r.calls()) != 2 {
		t.Errorf("result %+v (%v), calls %q", got, err, r.calls())
	}
}

func TestAnswersThatMakeNoSenseAreErrors(t *testing.T) {
	for name, cases := range map[string]string{
		"no JSON":    `*) echo 'hello';;`,
		"too much":   `*) while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done;;`,
		"no answer":  `*) exec sleep 60;;`,
		"a list":     `*) echo '{"clients":[]}';;`,
		"no success": `*) exit 255;;`,
	} {
		t.Run(name, func(t *testing.T) {
			r, c := newRouter(t, `"list hostapd.*") echo hostapd.wlan0;;`+"\n"+cases)
			c.ubus = ubus.New(r.path("ubus"), 2*time.Second)
			if r, err := c.Admit(t.Context(), phone); err == nil {
				t.Errorf("admitted %+v, want an error", r)
			}
		})
	}
}

func TestACancelledCallEndsAtOnce(t *testing.T) {
	_, c := newRouter(t, `*) exec sleep 60;;`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := c.Expel(ctx, phone, time.Minute)
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(r.Why, "cut from internet and wired LAN only: ") {
		t.Errorf("result %+v (%v)", r, err)
	}
}
