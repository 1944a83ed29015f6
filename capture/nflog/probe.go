package nflog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Why a group cannot be listened to.
var (
	ErrPermission  = errors.New("no permission: start as root, or give CAP_NET_ADMIN")
	ErrUnsupported = errors.New("this kernel has no nflog: install kmod-nfnetlink-log")
	ErrBusy        = errors.New("another program listens to it: stop that one")
)

// The nflog subsystem of nfnetlink (linux/netfilter/nfnetlink.h and nfnetlink_log.h).
const (
	subsystem   = 4 // NFNL_SUBSYS_ULOG
	msgConfig   = 1 // NFULNL_MSG_CONFIG
	cfgCommand  = 1 // NFULA_CFG_CMD
	cmdPFUnbind = 4 // NFULNL_CFG_CMD_PF_UNBIND
)

// probe finds out whether the group can be bound. The library drops the kernel's error, and the kernel says
// EPERM both to those without privilege and to those who come second.
//
// The first question is the one that the library asks before it binds: "unbind us from protocol family 0". That
// is nobody's family, so it changes nothing for other users of nflog. The second asks for no change of the
// group: without a listener, ENODEV.
func probe(c *netlink.Conn, group uint16) error {
	unbind, err := netlink.MarshalAttributes([]netlink.Attribute{{Type: cfgCommand, Data: []byte{cmdPFUnbind}}})
	if err != nil {
		return err
	}
	if err := configure(c, 0, unbind); err != nil {
		return explain(err, ErrPermission)
	}
	err = configure(c, group, nil)
	if err == nil || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return explain(err, ErrBusy)
}

func configure(c *netlink.Conn, group uint16, attributes []byte) error {
	// struct nfgenmsg: family, version, and the group in network order.
	header := binary.BigEndian.AppendUint16([]byte{unix.AF_UNSPEC, unix.NFNETLINK_V0}, group)
	_, err := c.Execute(netlink.Message{
		Header: netlink.Header{
			Type:  subsystem<<8 | msgConfig,
			Flags: netlink.Request | netlink.Acknowledge,
		},
		Data: append(header, attributes...),
	})
	return err
}

// explain turns the kernel's answer into words; denied is what EPERM means here.
func explain(err, denied error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return denied
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EOPNOTSUPP):
		return ErrUnsupported // nfnetlink knows no such subsystem and could load no module
	}
	return fmt.Errorf("ask the kernel: %w", err)
}

// explainSocket is explain for the socket itself.
func explainSocket(err error) error {
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return ErrUnsupported
	}
	return err
}

// answersOnly lets through what answers our own requests (NLMSG_ERROR, which also acknowledges) and drops log
// messages. The library sets a group up in several steps, and takes a packet that is logged between two of them
// for a wrong answer. The type is in the machine's byte order, hence both.
var answersOnly = func() []bpf.RawInstruction {
	const (
		offsetOfType = 4 // struct nlmsghdr
		whole        = 0xffff
	)
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetOfType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.NLMSG_ERROR, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.NLMSG_ERROR << 8, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
		bpf.RetConstant{Val: whole},
	})
	if err != nil {
		panic(fmt.Sprintf("nflog: assemble filter: %v", err))
	}
	return program
}()
