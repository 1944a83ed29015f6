package tap

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture/pcapfile"
)

const (
	macsLen  = 12
	tagLen   = 4      // IEEE 802.1Q
	tagPlain = 0x8100 // its usual EtherType

	// struct tpacket_auxdata (linux/if_packet.h).
	auxStatus  = 0
	auxLength  = 4
	auxTag     = 16
	auxTagType = 18
	auxLen     = 20
)

// fill makes a frame of the n bytes behind the room for a tag, and of what the kernel says beside them.
func (r *Recorder) fill(f *pcapfile.Frame, n int, beside []byte) {
	f.Time, f.Data, f.Length = time.Time{}, r.buf[tagLen:tagLen+n], n
	for len(beside) > 0 {
		header, data, rest, err := unix.ParseOneSocketControlMessage(beside)
		if err != nil {
			break
		}
		beside = rest
		switch {
		case header.Level == unix.SOL_SOCKET && header.Type == unix.SO_TIMESTAMPNS:
			f.Time = stampOf(data)
		case header.Level == unix.SOL_PACKET && header.Type == unix.PACKET_AUXDATA && len(data) >= auxLen:
			r.takeAux(f, n, data)
		}
	}
	if f.Time.IsZero() {
		f.Time = time.Now()
	}
}

// takeAux takes the length on the wire, and puts the VLAN tag back where it was.
func (r *Recorder) takeAux(f *pcapfile.Frame, n int, aux []byte) {
	f.Length = max(n, int(binary.NativeEndian.Uint32(aux[auxLength:])))
	status := binary.NativeEndian.Uint32(aux[auxStatus:])
	if status&unix.TP_STATUS_VLAN_VALID == 0 || n < macsLen {
		return
	}
	kind := uint16(tagPlain)
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		kind = binary.NativeEndian.Uint16(aux[auxTagType:])
	}
	copy(r.buf[:macsLen], r.buf[tagLen:])
	binary.BigEndian.PutUint16(r.buf[macsLen:], kind)
	binary.BigEndian.PutUint16(r.buf[macsLen+2:], binary.NativeEndian.Uint16(aux[auxTag:]))
	f.Data, f.Length = r.buf[:tagLen+n], f.Length+tagLen
}

// stampOf reads a struct timespec, of which both halves are as long as the machine's long.
func stampOf(b []byte) time.Time {
	switch {
	case len(b) >= 16:
		return time.Unix(int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:])))
	case len(b) >= 8:
		return time.Unix(int64(int32(binary.NativeEndian.Uint32(b))), int64(binary.NativeEndian.Uint32(b[4:])))
	}
	return time.Time{}
}
