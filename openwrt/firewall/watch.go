package firewall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Watch calls fn whenever somebody else deleted or changed our tables, until ctx ends. It follows the
// nftables notifications, so that takes milliseconds; what our own Apply does is told apart. fn may call
// Apply, which makes the tables anew.
func (f *Firewall) Watch(ctx context.Context, fn func()) error {
	c, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{NetNS: f.sockets.netNS})
	if err != nil {
		return fmt.Errorf("watch nftables: %w", err)
	}
	defer c.Close()
	if err := c.JoinGroup(unix.NFNLGRP_NFTABLES); err != nil {
		return fmt.Errorf("watch nftables: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) }) // fails once closed: fine
	defer stop()
	for {
		changed, err := receiveChange(c)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watch nftables: %w", err)
		}
		if changed && f.lost(ctx) {
			fn()
		}
	}
}

// receiveChange waits for a notification and says whether it ends a transaction. Too many at once are one too.
func receiveChange(c *netlink.Conn) (bool, error) {
	messages, err := c.Receive()
	if errors.Is(err, unix.ENOBUFS) {
		return true, nil
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return false, err
	}
	const newGeneration = unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWGEN
	for _, m := range messages {
		if m.Header.Type == newGeneration {
			return true, nil
		}
	}
	return false, nil
}

// lost says whether the kernel no longer holds what the last Apply made.
func (f *Firewall) lost(ctx context.Context) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.tables) == 0 {
		return false
	}
	intact, err := f.intactLocked(ctx)
	if err != nil {
		f.log.Warn("look at our tables", "err", err)
		return false
	}
	return !intact
}
