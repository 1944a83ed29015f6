package agent

import (
	"context"

	"spinneret/openwrt/firewall"
)

// Clear takes our tables out of the kernel, and with them every quarantine, in one transaction. What is saved stays.
func Clear(ctx context.Context) error {
	fw, err := firewall.Open(firewall.Options{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, applyDeadline)
	defer cancel()
	return fw.Remove(ctx)
}
