package cli

import (
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

// TestFindingsAreListed one a line, with what the owner has to type.
func TestFindingsAreListed(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 4, 31, 0, time.UTC)
	if got := findingsText(nil, now); got != "nothing unusual was found\n" {
		t.Errorf("without findings: %q", got)
	}
	began := now.Add(-time.Minute)
	got := findingsText([]ui.Finding{{
		ID: 5, Kind: "scan", Severity: "alarm", Start: ui.At(began), State: "open", Text: "front-door-cam tried 3 addresses on telnet in 2 s",
	}}, now)
	for _, want := range []string{"5 ", "12:03:31", "open", "alarm", "scan", "front-door-cam tried 3 addresses on telnet"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// TestWhatIsFineSaysWhatEndedWithIt, where anything did.
func TestWhatIsFineSaysWhatEndedWithIt(t *testing.T) {
	level := "internet"
	held, fine := ui.Finding{ID: 5, State: "open", HeldBack: &level}, ui.Finding{ID: 5, State: "fine"}
	if got := judgedText(held, fine); got != "5 is fine: what was done about it by itself is ended\n" {
		t.Errorf("of what was held back: %q", got)
	}
	if got := judgedText(fine, fine); got != "5 is fine\n" {
		t.Errorf("of what was not: %q", got)
	}
}
