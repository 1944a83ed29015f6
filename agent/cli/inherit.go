package cli

import (
	"context"
	"flag"
	"net/http"
	"time"

	"spinneret/ui"
)

func inheritCommand(now func() time.Time) Command {
	return Command{
		Name: "inherit", Args: "DEVICE FROM", Brief: "say that a device is another that is gone, under a new MAC",
		Help: `Both are a MAC, an address or an exact name. What you said about FROM and what was learned of it counts for DEVICE
from then on; where FROM is cut off, DEVICE is too. FROM is hidden on the page.`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if len(args) != 2 {
					return Usagef("inherit takes two devices: spinneret inherit 02:00:00:00:00:02 02:00:00:00:00:01")
				}
				var macs [2]string
				for i, text := range args {
					var err error
					if macs[i], err = c.find(ctx, text); err != nil {
						return err
					}
				}
				var d ui.Device
				body, err := c.do(ctx, http.MethodPost, "devices/"+macs[0]+"/inherit", map[string]string{"from": macs[1]}, &d)
				return c.show(std.Out, body, err, func() string { return macs[0] + " is " + printable(d.Name) + " now\n" })
			}
		},
	}
}
