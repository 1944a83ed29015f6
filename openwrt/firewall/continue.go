package firewall

import "context"

// Continue says what an earlier run counted, by Quarantine.ID: its sums go on with the first Apply, before which it is to
// be called. The kernel went on counting meanwhile, where it still holds what that run left.
func (f *Firewall) Continue(before map[string]Proof) { f.before = before }

// continueLocked adds to what an earlier run counted what the kernel counted since, before its counters come anew. What
// that run had read of them it counted; where they began again after it had, some of that is left out and nothing comes
// twice.
func (f *Firewall) continueLocked(ctx context.Context, tables []table) {
	if len(f.before) == 0 {
		return
	}
	shown := map[string]Count{}
	for i := range tables {
		there, _ := f.sockets.read(ctx, tables[i:i+1]) // fails where the kernel has less
		there.show(tables[i:i+1], shown)
	}
	for id, b := range f.before {
		b.Refused.add(shown[id].since(b.Shown))
		f.ledger.refused[id] = b.Refused
	}
}
