package agent

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/ubus"
	"spinneret/ui"
)

// heardBy runs a herald whose programs write down what they get, and returns that once it holds the words.
func heardBy(t *testing.T, scripts bool, words string, list ...ui.Event) string {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+" >>'"+log+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put("ubus", `echo "ubus $*"`)
	put("hotplug-call", `echo "$1: $ACTION $ID $KIND $SEVERITY $MACADDR [$CAUSE] $TIME $TEXT, home [$HOME]"`)
	if scripts {
		if err := os.MkdirAll(filepath.Join(dir, "spinneret"), 0o755); err != nil {
			t.Fatal(err)
		}
		put("spinneret/10-mail", "")
	}
	h := newHerald(ubus.New(filepath.Join(dir, "ubus"), 0), ubus.NewHotplug(filepath.Join(dir, "hotplug-call"), dir, "spinneret"), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	doneC := make(chan error, 1)
	go func() { doneC <- h.Run(ctx) }()
	for _, e := range list {
		h.offer(time.Now(), e)
	}
	said := ""
	for end := time.Now().Add(time.Minute); !strings.Contains(said, words) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(log)
		said = string(text)
	}
	cancel()
	if err := <-doneC; err != nil {
		t.Errorf("it ended with %v", err)
	}
	return said
}

func someEvent() ui.Event {
	mac, cause, at := "02:00:00:00:00:01", "owner", time.Date(2026, 11, 21, 12, 4, 0, 0, time.UTC)
	return ui.Event{ID: 7, Time: ui.At(at), Kind: "quarantine", Severity: "note", Device: &mac, Text: "$(id) 'cam' was cut off", Cause: &cause}
}

func TestEventsGoToUbusAndScripts(t *testing.T) {
	const wantUbus = `ubus send spinneret.event {"id":7,"time":"2026-11-21T12:04:00Z","kind":"quarantine","severity":"note",` +
		`"device":"02:00:00:00:00:01","text":"$(id) 'cam' was cut off","say":null,"cause":"owner","undo":null}` + "\n"
	const wantScript = "spinneret: event 7 quarantine note 02:00:00:00:00:01 [owner] 2026-11-21T12:04:00Z $(id) 'cam' was cut off, home []\n"
	if said := heardBy(t, true, wantScript, someEvent()); said != wantUbus+wantScript {
		t.Errorf("it said\n%s\nwant\n%s%s", said, wantUbus, wantScript)
	}
	if said := heardBy(t, false, wantUbus, someEvent()); said != wantUbus {
		t.Errorf("without scripts it said\n%s", said)
	}
}

func TestAFloodOfNotesLeavesRoomForAlarms(t *testing.T) {
	h := newHerald(ubus.New("", 0), ubus.NewHotplug("", "", "x"), slog.New(slog.DiscardHandler))
	now := time.Now()
	for range 1000 {
		h.offer(now, ui.Event{Severity: "note"})
	}
	h.offer(now, ui.Event{Severity: "alarm"})
	if len(h.eventC) != heraldRate+1 || h.lost.Load() != 1000-heraldRate {
		t.Errorf("%d are told and %d lost", len(h.eventC), h.lost.Load())
	}
	h.offer(now.Add(time.Minute), ui.Event{Severity: "note"})
	if len(h.eventC) != heraldRate+2 {
		t.Error("after a minute none is told")
	}
}
