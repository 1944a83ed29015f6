package neigh

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// readTimeout bounds all dumps of one Read together: they take milliseconds on an idle router.
const readTimeout = 10 * time.Second

// skipStats is RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h.
const skipStats = 1 << 3

// A dump is one question to the kernel.
type dump struct {
	name string
	typ  netlink.HeaderType
	body []byte
}

// dumps are the questions that make a Snapshot.
func dumps() []dump {
	return []dump{
		{"links", unix.RTM_GETLINK, linkRequest()},
		{"VLANs", unix.RTM_GETLINK, memberRequest()},
		{"addresses", unix.RTM_GETADDR, make([]byte, sizeIfAddr)},
		{"IPv4 routes", unix.RTM_GETROUTE, routeRequest(unix.AF_INET)},
		{"IPv6 routes", unix.RTM_GETROUTE, routeRequest(unix.AF_INET6)},
		{"neighbours", unix.RTM_GETNEIGH, make([]byte, sizeNd)},
		{"stations", unix.RTM_GETNEIGH, stationRequest()},
	}
}

// linkRequest asks for links without their counters, which would be most of the answer.
func linkRequest() []byte {
	b := make([]byte, sizeIfInfo, sizeIfInfo+8)
	b = binary.NativeEndian.AppendUint16(b, 8)
	b = binary.NativeEndian.AppendUint16(b, unix.IFLA_EXT_MASK)
	return binary.NativeEndian.AppendUint32(b, skipStats)
}

// routeRequest asks for the main table only: a router may hold a provider's whole table in another.
func routeRequest(family byte) []byte {
	b := make([]byte, sizeRt)
	b[0], b[4] = family, unix.RT_TABLE_MAIN
	return b
}

// stationRequest asks for the forwarding databases of all bridges, and of the switch chips under them.
func stationRequest() []byte {
	b := make([]byte, sizeNd)
	b[0] = unix.AF_BRIDGE
	return b
}

// Read asks the kernel for everything once, in the network namespace of the calling thread.
func Read(ctx context.Context) (Snapshot, error) {
	// Strict makes the kernel honour the table in routeRequest.
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Strict: true})
	if err != nil {
		return Snapshot{}, fmt.Errorf("open rtnetlink: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(readTimeout)); err != nil {
		return Snapshot{}, fmt.Errorf("open rtnetlink: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	s, err := readAll(conn)
	if ctx.Err() != nil {
		return Snapshot{}, ctx.Err()
	}
	return s, err
}

// readAll runs every dump on conn.
func readAll(conn *netlink.Conn) (Snapshot, error) {
	var s Snapshot
	for _, d := range dumps() {
		if err := d.run(conn, &s); err != nil {
			return Snapshot{}, fmt.Errorf("read %s: %w", d.name, err)
		}
	}
	s.settleStations()
	s.sort()
	return s, nil
}

// run sends the question and adds each answer to s as it comes, so the bounds hold for memory too. An answer that
// the kernel marks as interrupted by a change is taken as it is: that change makes an event, and Watch reads again.
func (d dump) run(conn *netlink.Conn, s *Snapshot) error {
	req, err := conn.Send(netlink.Message{
		Header: netlink.Header{Type: d.typ, Flags: netlink.Request | netlink.Dump},
		Data:   d.body,
	})
	if err != nil {
		return err
	}
	for m, err := range conn.ReceiveIter() {
		switch {
		case errors.Is(err, unix.ENOENT): // a routing table that nothing was ever put in
			return nil
		case err != nil:
			return err
		case m.Header.Sequence != req.Header.Sequence:
			continue
		}
		if err := s.process(m); err != nil {
			return err
		}
	}
	return nil
}
