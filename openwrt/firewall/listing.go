package firewall

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/google/nftables"
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
	for _, t := range []tableID{
		{nftables.TableFamilyINet, tableName},
		{nftables.TableFamilyBridge, tableName},
		{nftables.TableFamilyINet, profileName},
		{nftables.TableFamilyBridge, profileName},
	} {
		cmd := exec.CommandContext(ctx, "nft", append([]string{"list", "table"}, strings.Fields(t.String())...)...)
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit) && t.name == profileName: // no device has one
		case errors.As(err, &exit):
			text += fmt.Sprintf("no table %s\n", t)
		case err != nil:
			return text, fmt.Errorf("list table %s: %w", t, err)
		}
		text += string(out)
	}
	return text[:min(len(text), maxListing)], nil
}
