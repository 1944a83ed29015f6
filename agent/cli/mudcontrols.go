package cli

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"spinneret/ui"
)

// controls says which classes of controllers a device is in.
func (c *client) controls(ctx context.Context, std IO, device string, classes []string) error {
	mac, err := c.find(ctx, device)
	if err != nil {
		return err
	}
	var d ui.Device
	body, err := c.do(ctx, http.MethodPatch, "devices/"+mac, map[string][]string{"controls": slices.Concat([]string{}, classes)}, &d)
	return c.show(std.Out, body, err, func() string {
		if len(d.Controls) == 0 {
			return printable(d.Name) + " is nobody's controller\n"
		}
		return printable(d.Name) + " is a controller for " + printable(strings.Join(d.Controls, " ")) + "\n"
	})
}
