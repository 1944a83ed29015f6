package cli

import (
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

func TestAQuestionOfDNSThatWasRefusedIsListedWithItsName(t *testing.T) {
	router, name := "192.168.1.1", "up.cam.example.net"
	text := flowsText([]ui.Flow{{Remote: &router, Asked: &name, Direction: "out", State: "refused"}}, nil, time.Time{})
	if want := "→  192.168.1.1: up.cam.example.net?"; !strings.Contains(text, want) {
		t.Errorf("it reads %q, want %q in it", text, want)
	}
}
