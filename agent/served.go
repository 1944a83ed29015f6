package agent

import (
	"context"
	"net/http"

	"spinneret/capture/packet"
	"spinneret/mud"
	"spinneret/ui"
)

// maxServed is of how many devices, not yet known, it is kept what the DHCP server told: a home has few at a time.
const maxServed = 128

// HearMUD implements ui.Backend.
func (h *home) HearMUD(ctx context.Context, mac, url string) error {
	m, err := packet.ParseMAC(mac)
	if err != nil || m[0]&1 != 0 || m.IsZero() {
		return &ui.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a device", Detail: "mac is no device's", Member: "mac"}
	}
	if _, err := mud.ParseURL(url); err != nil {
		return &ui.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a MUD URL", Detail: err.Error(), Member: "url"}
	}
	return h.do(ctx, func() {
		if len(h.served) >= maxServed {
			for other := range h.served {
				delete(h.served, other)
				break
			}
		}
		h.served[m] = url
	})
}
