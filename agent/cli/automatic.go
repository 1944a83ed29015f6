package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"spinneret/ui"
)

// releaseAutomatic ends what no person ordered, on every device. One that fails does not keep the others.
func (c *client) releaseAutomatic(ctx context.Context, std IO) error {
	var list struct {
		Devices []ui.Device `json:"devices"`
	}
	if _, err := c.get(ctx, "devices", &list); err != nil {
		return err
	}
	ended, failed := 0, 0
	var why error
	for _, d := range list.Devices {
		for _, source := range automaticSources(d) {
			query := url.Values{"source": {source}}.Encode()
			if _, err := c.do(ctx, http.MethodDelete, "devices/"+d.MAC+"/quarantine?"+query, nil, nil); err != nil {
				failed, why = failed+1, err
				continue
			}
			ended++
			fmt.Fprintf(std.Out, "%s (%s) is no longer held by %s\n", printable(d.Name), d.MAC, source)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d ended, %d did not: %w", ended, failed, why)
	}
	if ended == 0 {
		fmt.Fprintln(std.Out, "no device is held automatically")
	}
	return nil
}

// automaticSources are those but the owner that hold a device, each once.
func automaticSources(d ui.Device) (sources []string) {
	seen := map[string]bool{"owner": true}
	for _, q := range d.Quarantines {
		if !seen[q.Source] {
			seen[q.Source] = true
			sources = append(sources, q.Source)
		}
	}
	return sources
}
