package firewall

import (
	"context"
	"fmt"

	"github.com/google/nftables"
)

// TryInside finds out whether the kernel takes the rules of Log.Inside: it makes them, in a table of another name and
// nowhere in force, and takes them away in the same transaction. What it finds holds for later changes.
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
	if err := c.Flush(); err != nil {
		return fmt.Errorf("no bridge nf_tables: install kmod-nft-bridge: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kernel.bridge = true
	return nil
}
