package conntrack

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Messages of ctnetlink (enum cntl_msg_types). IPCTNL_MSG_CT_GET_CTRZERO, which reads counters and zeroes them
// under everybody else, is not among them and must not be.
const (
	msgNew    = unix.NFNL_SUBSYS_CTNETLINK << 8   // IPCTNL_MSG_CT_NEW: what a dump is made of
	msgGet    = unix.NFNL_SUBSYS_CTNETLINK<<8 | 1 // IPCTNL_MSG_CT_GET
	msgDelete = unix.NFNL_SUBSYS_CTNETLINK<<8 | 2 // IPCTNL_MSG_CT_DELETE: an event of the end
	msgStats  = unix.NFNL_SUBSYS_CTNETLINK<<8 | 5 // IPCTNL_MSG_CT_GET_STATS
)

// message is one netlink message; body begins with its nfgenmsg unless the kind is one of netlink's own.
type message struct {
	kind uint16
	body []byte
}

var errMessage = errors.New("netlink message is cut off")

// messages is what one read returned; next eats from the front.
type messages []byte

func (m *messages) next() (msg message, ok bool, err error) {
	b := *m
	if len(b) == 0 {
		return message{}, false, nil
	}
	if len(b) < unix.SizeofNlMsghdr {
		return message{}, false, errMessage
	}
	length := uint64(binary.NativeEndian.Uint32(b))
	if length < unix.SizeofNlMsghdr || length > uint64(len(b)) {
		return message{}, false, errMessage
	}
	*m = b[min((length+3)&^3, uint64(len(b))):]
	return message{binary.NativeEndian.Uint16(b[4:]), b[unix.SizeofNlMsghdr:length]}, true, nil
}

// fault returns the error that a message of netlink's own carries: NLMSG_ERROR, or NLMSG_DONE of a dump that
// broke off.
func (m message) fault() error {
	if len(m.body) < 4 {
		return errMessage
	}
	code := int32(binary.NativeEndian.Uint32(m.body))
	if code >= 0 {
		return nil
	}
	return unix.Errno(-code)
}

// request makes a message without attributes for connections of both families.
func request(kind uint16, flags uint16) []byte {
	b := make([]byte, unix.SizeofNlMsghdr+genericHeader)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], kind)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|flags)
	b[unix.SizeofNlMsghdr] = unix.AF_UNSPEC
	b[unix.SizeofNlMsghdr+1] = unix.NFNETLINK_V0
	return b
}

// advise adds what to do to the errors that people meet.
func advise(err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: run as root or with CAP_NET_ADMIN", err)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w: install kmod-nf-conntrack-netlink", err)
	}
	return err
}
