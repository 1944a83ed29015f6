package uitest

import (
	"context"
	"slices"

	"spinneret/ui"
)

// Export is the device with all of Traffic, Past and Log.
func (h *Home) Export(ctx context.Context, mac string) (ui.Export, error) {
	d, err := h.Device(ctx, mac)
	h.mu.Lock()
	defer h.mu.Unlock()
	return ui.Export{
		Device: d, Addresses: d.Addresses, Names: []ui.KnownName{{Address: "198.51.100.7", Name: "up.cam.example.net", Source: "dns", At: ui.At(h.Now)}},
		Flows: each(h.Traffic), History: each(h.Past), Events: slices.Clone(h.Log),
	}, err
}

// Erase takes the device out of List.
func (h *Home) Erase(ctx context.Context, mac string) error {
	if _, err := h.Device(ctx, mac); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.List = slices.DeleteFunc(h.List, func(d ui.Device) bool { return d.MAC == mac })
	return nil
}
