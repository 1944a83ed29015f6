package firewall

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// ErrNoBridge says that the kernel lacks what rules on bridges need.
var ErrNoBridge = errors.New("no bridge nf_tables: install kmod-nft-bridge")

// TryInside finds out whether the kernel takes the rules of Log.Inside: it makes them, in a table of another name and
// nowhere in force, and takes them away in the same transaction. What it finds holds for later changes. The error is
// ErrNoBridge where a module is missing.
func (f *Firewall) TryInside(ctx context.Context) error {
	t := table{family: nftables.TableFamilyBridge}
	t.addSet(names(setPorts, "", nil))
	forward, input := t.addInside(1)
	t.addBase("forward", before(nftables.ChainHookForward, nftables.ChainPriorityFilter), forward)
	t.addBase("input", before(nftables.ChainHookInput, nftables.ChainPriorityFilter), input)
	c, err := f.sockets.nft(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseLasting() }()
	b := batch{c}
	if err := b.addAs(tableName+"_probe", t); err != nil {
		return err
	}
	c.DelTable(&nftables.Table{Name: tableName + "_probe", Family: t.family})
	if err := c.Flush(); lacksBridge(err) {
		return ErrNoBridge
	} else if err != nil {
		return fmt.Errorf("try to observe bridges: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kernel.bridge = true
	return nil
}

// lacksBridge knows how the kernel says so: of the family, of a base chain's type, and of an expression.
func lacksBridge(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.ENOENT)
}
