package tap

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxLinks is what a jump of the filter can skip, and more ports than a home has.
const maxLinks = 200

// recorderFilter takes what comes in from the device and what goes out to it, on the links.
func recorderFilter(c RecorderConfig) ([]unix.SockFilter, error) {
	links := c.Links[:min(len(c.Links), maxLinks)]
	program := []bpf.Instruction{bpf.LoadExtension{Num: bpf.ExtInterfaceIndex}}
	for i, link := range links {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(link), SkipTrue: uint8(len(links) - i)})
	}
	high, low := binary.BigEndian.Uint32(c.MAC[:4]), uint32(binary.BigEndian.Uint16(c.MAC[4:]))
	program = append(program,
		bpf.RetConstant{Val: 0},
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.PACKET_OUTGOING, SkipTrue: 5},
		// In: the sender.
		bpf.LoadAbsolute{Off: 6, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: high, SkipTrue: 8},
		bpf.LoadAbsolute{Off: 10, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: low, SkipTrue: 6},
		bpf.RetConstant{Val: uint32(c.SnapLen)},
		// Out: the receiver.
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: high, SkipTrue: 3},
		bpf.LoadAbsolute{Off: 4, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: low, SkipTrue: 1},
		bpf.RetConstant{Val: uint32(c.SnapLen)},
		bpf.RetConstant{Val: 0},
	)
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("assemble the filter: %w", err)
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return filter, nil
}
