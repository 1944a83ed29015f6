package agent

import (
	"context"
	"os"
	"time"

	"spinneret/openwrt/firewall"
)

// bootID is another one each time that the machine starts: what the kernel counted is gone then.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return string(id)
}

// count takes what was read of the kernel; what was not stays as it is.
func (s *savedQuarantines) count(counted map[string]firewall.Proof) {
	for i := range s.Orders {
		if p, read := counted[s.Orders[i].ID]; read {
			s.Orders[i].Refused, s.Orders[i].Shown = p.Refused, p.Shown
		}
	}
}

// counted is what was counted for each order by when this was written.
func (s *savedQuarantines) counted(boot string) map[string]firewall.Proof {
	out := map[string]firewall.Proof{}
	for i := range s.Orders {
		p := firewall.Proof{Refused: s.Orders[i].Refused}
		if s.Boot == boot {
			p.Shown = s.Orders[i].Shown
		}
		out[s.Orders[i].ID] = p
	}
	return out
}

// write writes orders down with what was counted for them.
func (e *enforcer) write(s *savedQuarantines, c firewall.Counters) error {
	s.count(c.Quarantines)
	s.Boot, e.at = bootID(), time.Now()
	err := e.keep(s)
	if err == nil {
		e.written = s
	}
	return err
}

// keepCounted writes down what was counted: after one pause where that is more, after another where the kernel's counters
// came anew, by which the next run could not tell what is written down already.
func (e *enforcer) keepCounted(c firewall.Counters, more, anew time.Duration) {
	since, due := time.Since(e.at), false
	for i := range e.written.Orders {
		o := &e.written.Orders[i]
		if p, read := c.Quarantines[o.ID]; read {
			due = due || p.Refused != o.Refused && since >= more || p.Shown.Packets < o.Shown.Packets && since >= anew
		}
	}
	if !due {
		return
	}
	s := *e.written
	s.Orders = append([]savedOrder(nil), s.Orders...)
	if err := e.write(&s, c); err != nil {
		e.log.Warn("save what was counted", "err", err)
	}
}

// keepLast writes down what was counted by the end of the program.
func (e *enforcer) keepLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if c, ok := e.count(ctx); ok {
		e.keepCounted(c, 0, 0)
	}
}

// read takes what the kernel holds, now that our first rules are in force. Until then there is what earlier runs counted.
func (h *home) read(c firewall.Counters) {
	if c.Quarantines == nil {
		return
	}
	first := !h.wasRead
	if h.wasRead, h.counters = true, c; !first {
		return
	}
	for _, r := range h.requests.List {
		packets, bytes := h.refusedFor(r)
		r.Before.Packets = r.Dropped.Packets - min(r.Dropped.Packets, packets)
		r.Before.Bytes = r.Dropped.Bytes - min(r.Dropped.Bytes, bytes)
	}
}
