package capture

import (
	"context"

	"spinneret/capture/packet"
)

// Observer is shown each packet after the table counted it, with the devices at its two ends as Table.Add
// gives them. It runs on the packet path: it must neither block nor keep the packet.
type Observer func(p *packet.Packet, from, to packet.MAC)

// Run counts what src sees in table and shows it to the observers, until ctx or src ends. Several may run at
// once on one table, each with a source of its own.
func Run(ctx context.Context, src Source, table *Table, observers ...Observer) error {
	return run(ctx, src, table.Add, observers)
}

// RunUntracked is Run for a source of packets that conntrack does not follow.
func RunUntracked(ctx context.Context, src Source, table *Table, observers ...Observer) error {
	return run(ctx, src, table.AddUntracked, observers)
}

// RunInside is Run for a source of frames that passed on a bridge of the home: what they weigh AccountInside tells.
func RunInside(ctx context.Context, src Source, table *Table, observers ...Observer) error {
	return run(ctx, src, table.AddInside, observers)
}

func run(
	ctx context.Context, src Source, add func(*packet.Packet) (from, to packet.MAC), observers []Observer,
) error {
	return src.Run(ctx, func(p *packet.Packet) {
		from, to := add(p)
		for _, observe := range observers {
			observe(p, from, to)
		}
	})
}
