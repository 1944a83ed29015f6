package ui_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spinneret/ui"
	"spinneret/ui/uitest"
)

// TestQuestionsOfThePastReachTheAgentAsMeant with what the query leaves out filled in.
func TestQuestionsOfThePastReachTheAgentAsMeant(t *testing.T) {
	now := uitest.New().Now
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for query, want := range map[string]ui.HistoryQuery{
		"":                     {Limit: 1000},
		"?device=&from=&port=": {Limit: 1000},
		"?device=02-00-00-00-00-01&from=2026-11-21T13:00:00%2B01:00&to=2026-11-21T12:00:00Z&limit=3": {
			Device: cam, From: noon, To: noon, Limit: 3,
		},
		"?remote=198.51.100.7/24&port=443&protocol=TCP": {
			Remote: netip.MustParsePrefix("198.51.100.0/24"), Port: 443, Protocol: "tcp", Limit: 1000,
		},
		"?remote=2001:db8::7&protocol=50":    {Remote: netip.MustParsePrefix("2001:db8::7/128"), Protocol: "50", Limit: 1000},
		"?protocol=0x800":                    {Protocol: "0x0800", Limit: 1000},
		"?outside=203.0.113.20":              {Outside: netip.MustParseAddrPort("203.0.113.20:0"), Limit: 1000},
		"?outside=203.0.113.20:40321":        {Outside: netip.MustParseAddrPort("203.0.113.20:40321"), Limit: 1000},
		"?outside=2001:db8::7":               {Outside: netip.MustParseAddrPort("[2001:db8::7]:0"), Limit: 1000},
		"?outside=[2001:db8::7]:40321":       {Outside: netip.MustParseAddrPort("[2001:db8::7]:40321"), Limit: 1000},
		"?step=1h":                           {From: noon.Add(-24 * time.Hour), To: now, Step: time.Hour, Limit: 1000},
		"?step=1m&from=2026-11-21T12:00:00Z": {From: noon, To: now, Step: time.Minute, Limit: 1000},
	} {
		home := uitest.New()
		if r := do(newServer(home, nil).Handler(ui.TCP), "GET", "/api/v1/history"+query, ""); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", query, read(t, r))
		}
		if diff := cmp.Diff([]ui.HistoryQuery{want}, home.Asked(), cmpopts.EquateComparable(netip.Prefix{}, netip.AddrPort{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestAMomentWantsItsTime(t *testing.T) {
	server := newServer(uitest.New(), nil).Handler(ui.TCP)
	for query, want := range map[string]string{
		"?at=2026-11-21T12:00:00Z": `"quarantines":[],"findings":[]}`, "": "at is missing", "?at=noon": "is not a time", "?when=x": "when",
	} {
		if body := read(t, do(server, "GET", "/api/v1/past"+query, "")); !strings.Contains(body, want) {
			t.Errorf("%s answers %s, want %s in it", query, body, want)
		}
	}
}
