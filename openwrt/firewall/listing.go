package firewall

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

const (
	listingTime = 5 * time.Second
	maxListing  = 256 << 10 // bytes
)

// Listing returns our tables as nft writes them, for people to read. It needs the program nft.
func Listing(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, listingTime)
	defer cancel()
	text := ""
	for _, family := range []string{"inet", "bridge"} {
		cmd := exec.CommandContext(ctx, "nft", "list", "table", family, tableName)
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit):
			text += fmt.Sprintf("no table %s %s\n", family, tableName)
		case err != nil:
			return text, fmt.Errorf("list table %s %s: %w", family, tableName, err)
		}
		text += string(out)
	}
	return text[:min(len(text), maxListing)], nil
}
