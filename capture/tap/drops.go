package tap

import (
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// drops counts the frames that a packet socket had no room for.
type drops struct{ n atomic.Uint64 }

// of asks the kernel, which forgets what it has told.
func (d *drops) of(file *os.File) uint64 {
	conn, err := file.SyscallConn()
	if err != nil {
		return d.n.Load()
	}
	_ = conn.Control(func(fd uintptr) { // after the end there is nothing to add
		if stats, err := unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			d.n.Add(uint64(stats.Drops))
		}
	})
	return d.n.Load()
}
