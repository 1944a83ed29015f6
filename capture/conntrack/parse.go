package conntrack

import (
	"math"
	"net/netip"
	"time"
)

// genericHeader is the length of struct nfgenmsg: family, version and resource.
const genericHeader = 4

// parse reads one message of ctnetlink, from its nfgenmsg on. Attributes that it does not know are skipped: later
// kernels add some.
func (e *Entry) parse(b []byte) error {
	*e = Entry{}
	if len(b) < genericHeader {
		return errTruncated
	}
	if err := each(b[genericHeader:], e, (*Entry).attribute); err != nil {
		return err
	}
	e.HasCounters = e.hasOrig && e.hasReply
	if !e.Orig.complete() || !e.Reply.complete() {
		return errIncomplete
	}
	return nil
}

func (e *Entry) attribute(typ uint16, value []byte) error {
	switch typ {
	case ctaTupleOrig:
		return each(value, &e.Orig, (*Tuple).attribute)
	case ctaTupleReply:
		return each(value, &e.Reply, (*Tuple).attribute)
	case ctaCountersOrig:
		e.hasOrig = true
		return each(value, &e.OrigCounters, (*Counters).attribute)
	case ctaCountersReply:
		e.hasReply = true
		return each(value, &e.ReplyCounters, (*Counters).attribute)
	case ctaProtoInfo:
		return each(value, e, (*Entry).protoInfo)
	case ctaTimestamp:
		return each(value, e, (*Entry).timestamp)
	}
	return e.number(typ, value)
}

func (e *Entry) number(typ uint16, value []byte) error {
	switch typ {
	case ctaStatus:
		return set32((*uint32)(&e.Status), value)
	case ctaMark:
		return set32(&e.Mark, value)
	case ctaID:
		return set32(&e.ID, value)
	case ctaZone:
		return set16(&e.Zone, value)
	}
	return nil
}

func (e *Entry) protoInfo(typ uint16, value []byte) error {
	if typ != ctaProtoInfoTCP {
		return nil
	}
	return each(value, &e.TCPState, (*TCPState).attribute)
}

func (s *TCPState) attribute(typ uint16, value []byte) error {
	if typ != ctaTCPState {
		return nil
	}
	return set8((*uint8)(s), value)
}

// timestamp reads nanoseconds since 1970 by the router's clock, which may have been wrong then.
func (e *Entry) timestamp(typ uint16, value []byte) error {
	to := &e.Start
	switch typ {
	case ctaTimestampStart:
	case ctaTimestampStop:
		to = &e.Stop
	default:
		return nil
	}
	var ns uint64
	if err := set64(&ns, value); err != nil {
		return err
	}
	*to = time.Unix(0, int64(min(ns, math.MaxInt64))).UTC()
	return nil
}

func (c *Counters) attribute(typ uint16, value []byte) error {
	switch typ {
	case ctaCountersPackets:
		return set64(&c.Packets, value)
	case ctaCountersBytes:
		return set64(&c.Bytes, value)
	}
	return nil
}

func (t *Tuple) attribute(typ uint16, value []byte) error {
	switch typ {
	case ctaTupleIP:
		return each(value, t, (*Tuple).address)
	case ctaTupleProto:
		return each(value, t, (*Tuple).protocol)
	case ctaTupleZone:
		return set16(&t.Zone, value)
	}
	return nil
}

func (t *Tuple) address(typ uint16, value []byte) error {
	switch typ {
	case ctaIPv4Src:
		return setAddr(&t.Src, value, 4)
	case ctaIPv4Dst:
		return setAddr(&t.Dst, value, 4)
	case ctaIPv6Src:
		return setAddr(&t.Src, value, 16)
	case ctaIPv6Dst:
		return setAddr(&t.Dst, value, 16)
	}
	return nil
}

func setAddr(to *netip.Addr, b []byte, length int) error {
	if len(b) != length {
		return errLength
	}
	*to, _ = netip.AddrFromSlice(b) // four or sixteen bytes always are an address
	return nil
}

func (t *Tuple) protocol(typ uint16, value []byte) error {
	switch typ {
	case ctaProtoNum:
		return set8(&t.Protocol, value)
	case ctaSrcPort:
		return set16(&t.SrcPort, value)
	case ctaDstPort:
		return set16(&t.DstPort, value)
	case ctaICMPID, ctaICMPv6ID:
		return set16(&t.ICMP.ID, value)
	case ctaICMPType, ctaICMPv6Type:
		return set8(&t.ICMP.Type, value)
	case ctaICMPCode, ctaICMPv6Code:
		return set8(&t.ICMP.Code, value)
	}
	return nil
}

// complete reports whether both addresses are there and of one family.
func (t *Tuple) complete() bool {
	return t.Src.IsValid() && t.Dst.IsValid() && t.Src.Is4() == t.Dst.Is4()
}
