package agent

import (
	"strings"
	"testing"

	"spinneret/ui"
)

func TestWhatTheOwnerChangesIsInTheLog(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		camera, kind, none, yes, no := "Camera", "camera", "", true, false
		for _, step := range []struct {
			edit ui.DeviceEdit
			want string
		}{
			{ui.DeviceEdit{Name: &camera, Kind: &kind, Trusted: &yes}, "the owner changed 02:00:00:00:00:01: it is called Camera, it is a camera, it is trusted"},
			{ui.DeviceEdit{Name: &camera, Trusted: &yes}, ""},
			{ui.DeviceEdit{Trusted: &no, Ignored: &yes, Kind: &none}, "the owner changed Camera: what it is was taken back, it is not trusted any more, it is hidden on the page"},
			{ui.DeviceEdit{Exceptions: &[]string{"198.51.100.7"}, RefuseMappings: &yes}, "the owner changed Camera: cut off, it may still reach 198.51.100.7, it may not open ports"},
			{ui.DeviceEdit{Exceptions: &[]string{}, RefuseMappings: &no, Ignored: &no, ClearName: true}, "the owner changed Camera: it is called 02:00:00:00:00:01 again, it is on the page again, cut off, it may reach nothing, it may open ports"},
		} {
			before := len(b.told("audit"))
			if _, err := b.EditDevice(b.Context(), macOf(0).String(), step.edit); err != nil {
				b.Fatal(err)
			}
			if got := strings.Join(b.told("audit")[before:], "\n"); got != step.want {
				b.Errorf("the log says %q, want %q", got, step.want)
			}
		}
	})
}
