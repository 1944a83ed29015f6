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
	return src.Run(ctx, func(p *packet.Packet) {
		from, to := table.Add(p)
		for _, observe := range observers {
			observe(p, from, to)
		}
	})
}
