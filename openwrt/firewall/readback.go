package firewall

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// fingerprint is how the kernel numbered the rules of our tables. It gives no number twice, so an equal
// fingerprint means that nobody deleted, replaced or added a rule, nor a table.
type fingerprint map[tableID]tableNumbers

type tableNumbers struct {
	table uint64
	rules map[string][]uint64 // by chain
}

func (f fingerprint) equal(g fingerprint) bool {
	return maps.EqualFunc(f, g, func(a, b tableNumbers) bool {
		return a.table == b.table && maps.EqualFunc(a.rules, b.rules, slices.Equal)
	})
}

// copyTo adds the numbers of the tables of one name.
func (f fingerprint) copyTo(to fingerprint, name string) {
	for t, numbers := range f {
		if t.name == name {
			to[t] = numbers
		}
	}
}

// errGone says that something of ours is not in the kernel.
var errGone = errors.New("not in the kernel")

// readings is how often the rules are read where other transactions come between: what a reload of the firewall
// takes, and an end where somebody changes rules without one.
const readings = 10

// fingerprint reads the numbers of what tables holds, or says that it is not there whole. A transaction of anybody's
// breaks a dump in two: it is read again then.
func (s sockets) fingerprint(ctx context.Context, tables []table) (out fingerprint, err error) {
	for range readings {
		var before uint32
		if before, err = s.generation(ctx); err != nil {
			return nil, err
		}
		out, err = s.fingerprintOnce(ctx, tables)
		if after, wrong := s.generation(ctx); wrong != nil || after == before {
			return out, errors.Join(err, wrong)
		}
	}
	return out, err
}

func (s sockets) fingerprintOnce(ctx context.Context, tables []table) (fingerprint, error) {
	out := fingerprint{}
	for _, t := range tables {
		numbers, err := s.numbers(ctx, t)
		if errors.Is(err, unix.ENOENT) {
			err = fmt.Errorf("table %s: %w", t.id(), errGone)
		}
		if err != nil {
			return nil, err
		}
		out[t.id()] = numbers
	}
	return out, nil
}

func (s sockets) numbers(ctx context.Context, t table) (tableNumbers, error) {
	handle, err := s.tableHandle(ctx, t.id())
	if err != nil {
		return tableNumbers{}, err
	}
	numbers := tableNumbers{table: handle, rules: map[string][]uint64{}}
	err = s.rules(ctx, t.id(), func(r ruleRead) {
		numbers.rules[r.chain] = append(numbers.rules[r.chain], r.handle)
	})
	if err != nil {
		return tableNumbers{}, err
	}
	for _, chain := range t.chains {
		if n := len(numbers.rules[chain.name]); n != len(chain.rules) {
			return tableNumbers{}, fmt.Errorf("%d of %d rules of chain %s %s: %w", n, len(chain.rules), t.id(), chain.name, errGone)
		}
	}
	return numbers, nil
}

// nftaTableHandle is NFTA_TABLE_HANDLE (Linux 4.16): the kernel never gives a table's number again.
const nftaTableHandle = 4

func (s sockets) tableHandle(ctx context.Context, t tableID) (uint64, error) {
	name, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: unix.NFTA_TABLE_NAME, Data: []byte(t.name + "\x00")}})
	if err != nil {
		return 0, err
	}
	replies, err := s.ask(ctx, unix.NFT_MSG_GETTABLE, append([]byte{byte(t.family), unix.NFNETLINK_V0, 0, 0}, name...))
	if err != nil {
		return 0, fmt.Errorf("read table %s: %w", t, err)
	}
	handle, err := attribute(replies, nftaTableHandle)
	if err != nil || len(handle) != 8 {
		return 0, fmt.Errorf("read number of table %s: %w", t, errors.Join(err, errGone))
	}
	return binary.BigEndian.Uint64(handle), nil
}

// generation is the number of the ruleset as a whole: while it stays, nobody changed a rule or a set.
func (s sockets) generation(ctx context.Context) (uint32, error) {
	replies, err := s.ask(ctx, unix.NFT_MSG_GETGEN, []byte{unix.AF_UNSPEC, unix.NFNETLINK_V0, 0, 0})
	if err != nil {
		return 0, fmt.Errorf("read generation of the ruleset: %w", err)
	}
	id, err := attribute(replies, unix.NFTA_GEN_ID)
	if err != nil || len(id) != 4 {
		return 0, fmt.Errorf("read generation of the ruleset: %w", errors.Join(err, errGone))
	}
	return binary.BigEndian.Uint32(id), nil
}

func (s sockets) ask(ctx context.Context, message int, data []byte) ([]netlink.Message, error) {
	c, err := s.netfilter(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Execute(netlink.Message{
		Header: netlink.Header{
			Type:  netlink.HeaderType(unix.NFNL_SUBSYS_NFTABLES<<8 | message),
			Flags: netlink.Request,
		},
		Data: data,
	})
}

// attribute returns one attribute of the first message, nil where it has none of that type.
func attribute(messages []netlink.Message, typ uint16) ([]byte, error) {
	if len(messages) == 0 || len(messages[0].Data) < 4 {
		return nil, errGone
	}
	ad, err := netlink.NewAttributeDecoder(messages[0].Data[4:])
	if err != nil {
		return nil, err
	}
	for ad.Next() {
		if ad.Type() == typ {
			return ad.Bytes(), nil
		}
	}
	return nil, ad.Err()
}
