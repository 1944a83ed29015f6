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

// Watch calls fn when somebody else deleted or changed our tables, until ctx ends: once, until they are made anew. It
// follows the nftables notifications, so that takes milliseconds; what our own Apply does is told apart. fn may call
// Apply, which makes the tables anew.
func (f *Firewall) Watch(ctx context.Context, fn func()) error {
	c, err := f.sockets.listen()
	if err != nil {
		return fmt.Errorf("watch nftables: %w", err)
	}
	return f.watch(ctx, c, fn)
}

// listen opens a socket that hears of every change of the ruleset from now on.
func (s sockets) listen() (*netlink.Conn, error) {
	c, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{NetNS: s.netNS})
	if err != nil {
		return nil, err
	}
	if err := c.JoinGroup(unix.NFNLGRP_NFTABLES); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (f *Firewall) watch(ctx context.Context, c *netlink.Conn, fn func()) error {
	defer c.Close()
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

// harm is what somebody else did to our tables: an Apply may find it, and mend it, before Watch comes to look.
type harm struct {
	untold bool // Watch has to say so
	told   bool // it did, or will, and nobody made the tables anew yet
}

// seen takes whether an Apply found harm.
func (h *harm) seen(is bool) {
	if is && !h.told {
		*h = harm{untold: true, told: true}
	}
}

// lost says whether the kernel no longer holds what the last Apply made, or did not until the next one mended it.
func (f *Firewall) lost(ctx context.Context) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.harm.untold {
		f.harm.untold = false
		return true
	}
	if len(f.tables) == 0 {
		return false
	}
	intact, err := f.intactLocked(ctx)
	if err != nil {
		f.log.Warn("look at our tables", "err", err)
		return false
	}
	told := f.harm.told
	f.harm.told = !intact
	return !intact && !told
}
