package agent

import (
	"errors"
	"testing"

	"spinneret/mud/shelf"
	"spinneret/ui"
)

// TestTheDeviceInHandIsHeldToADescription only where that is meant: it may not let it open the page.
func TestTheDeviceInHandIsHeldToADescription(t *testing.T) {
	inLibrary(t, 2, func(l library) {
		from := "192.168.1.10:50000" // device 0
		give := func(device int, o ui.MUDOrder) error {
			o.Asker = from
			_, err := l.AssignMUD(l.Context(), macOf(device).String(), o)
			return err
		}
		file := []byte(lampFile)
		for _, o := range []ui.MUDOrder{{File: file}, {File: file, Mode: "enforce"}, {Mode: "enforce"}} {
			if err := give(0, o); code(t, err) != "409 own-device" {
				l.Errorf("%+v: %v, want to be asked", o.Mode, err)
			}
		}
		if m := l.of(0); m.State != "none" {
			l.Errorf("it has %+v all the same", m)
		}
		if err := errors.Join(give(1, ui.MUDOrder{File: file}), give(0, ui.MUDOrder{File: file, Mode: "watch"}), give(0, ui.MUDOrder{File: file})); err != nil {
			l.Errorf("another device, and watching: %v", err)
		}
		if err := give(0, ui.MUDOrder{Mode: "enforce", Acknowledge: true}); err != nil || l.of(0).Mode != "enforce" {
			l.Errorf("meant: %v", err)
		}
	})
}

// TestTheDeviceInHandIsAskedAboutAnotherDescription as it is where it is given one.
func TestTheDeviceInHandIsAskedAboutAnotherDescription(t *testing.T) {
	inLibrary(t, 2, func(l library) {
		l.names(0, lampURL)
		l.gives(shelf.Delivery{Copy: l.file(true)})
		entries := l.of(0).Approvals[0].ID
		if _, err := l.AssignMUD(l.Context(), macOf(0).String(), ui.MUDOrder{Mode: "enforce"}); err != nil {
			l.Fatal(err)
		}
		l.names(0, "https://other.example/x")
		url := l.of(0).Approvals[0].ID
		const own, other = "192.168.1.10:50000", "192.168.1.11:50000"
		for _, c := range []struct {
			answer ui.MUDAnswer
			asked  bool
		}{
			{ui.MUDAnswer{ID: url, Approve: true, Asker: own}, true},
			{ui.MUDAnswer{ID: entries, Approve: true, Asker: own}, false}, // which only adds to it
			{ui.MUDAnswer{ID: "file-1", Approve: true, Asker: own}, true},
			{ui.MUDAnswer{ID: "file-1", Approve: true, Asker: other}, false},
			{ui.MUDAnswer{ID: url, Approve: true, Asker: own, Acknowledge: true}, false},
		} {
			_, err := l.AnswerMUD(l.Context(), macOf(0).String(), c.answer)
			if asked := err != nil && code(t, err) == "409 own-device"; asked != c.asked {
				l.Errorf("%+v: %v", c.answer, err)
			}
		}
		if m := l.of(0); *m.URL != "https://other.example/x" {
			l.Errorf("it is held to %s", *m.URL)
		}
	})
}
