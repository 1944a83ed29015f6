package nflog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// listeners is where the kernel lists who listens to which group; it is there only with the module.
const listeners = "/proc/thread-self/net/netfilter/nfnetlink_log"

// explain says what to do about a failed bind. The library keeps no cause, and the kernel says EPERM both to
// those without privilege and to those who come second, so we look for ourselves.
func explain(c Config, err error) error {
	if !mayAdminister() {
		return fmt.Errorf("listen to nflog group %d: start as root, or give CAP_NET_ADMIN", c.Group)
	}
	list, readErr := os.ReadFile(listeners)
	if errors.Is(readErr, os.ErrNotExist) {
		return fmt.Errorf("listen to nflog group %d: this kernel has no nflog: install kmod-nfnetlink-log: %w", c.Group, err)
	}
	if port, taken := holder(string(list), c.Group); taken {
		return fmt.Errorf("listen to nflog group %d: another program (netlink port %d) listens to it: stop it", c.Group, port)
	}
	return fmt.Errorf("listen to nflog group %d: %w", c.Group, err)
}

// holder finds the listener of a group: each line begins with a group and the netlink port, often the process ID.
func holder(list string, group uint16) (port uint64, taken bool) {
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == strconv.Itoa(int(group)) {
			port, err := strconv.ParseUint(fields[1], 10, 32)
			return port, err == nil
		}
	}
	return 0, false
}

const capNetAdmin = 12 // capabilities(7)

// mayAdminister reports whether this process has CAP_NET_ADMIN.
func mayAdminister() bool {
	text, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		return os.Geteuid() == 0
	}
	for line := range strings.Lines(string(text)) {
		if hex, ok := strings.CutPrefix(line, "CapEff:"); ok {
			caps, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
			return err == nil && caps&(1<<capNetAdmin) != 0
		}
	}
	return false
}
