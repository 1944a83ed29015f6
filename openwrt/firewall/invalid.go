package firewall

import (
	"encoding/binary"

	"github.com/google/nftables/expr"
)

// Packets that belong to no connection have nothing that tells whether they are the first: what conntrack finds wrong
// (a scan by FIN, an answer that came too late) and what it leaves alone (neighbour discovery, RFC 4861, and what
// somebody told it not to track). Conntrack counts none of them, so each that is logged counts.

const (
	// looseRate is in packets a second. A scanner sends thousands: of those enough are seen to know it.
	looseRate    = 50
	chainLoose   = "observe_loose"
	counterLoose = "loose_skipped"
)

// addLoose adds the chain for the packets that looseRule chooses.
func (t *table) addLoose(group uint16) {
	t.counters = append(t.counters, counterLoose)
	t.addChain(chainLoose, nil, logRules(group, packetSnaplen, packetThreshold, looseRate, counterLoose)...)
}

func looseRule() rule {
	return say("of no connection: scans, and what came too late", looseState(), goTo(chainLoose))
}

// looseState matches packets that conntrack takes for invalid, or was told to leave alone.
func looseState() []expr.Any {
	mask := binary.NativeEndian.AppendUint32(nil, expr.CtStateBitINVALID|expr.CtStateBitUNTRACKED)
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeySTATE, Register: reg},
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: make([]byte, 4)},
	}
}
