package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"spinneret/agent"
	"spinneret/openwrt/uci"
)

// Memory as the kernel counts it, which is less than what the maker prints on the box: a router of 64 MB has some 58.
const (
	tooSmall = 90 << 20  // the kernel would end us, or something that the home needs more
	tight    = 112 << 20 // routers of 128 MB whose radios keep a part for themselves

	// softMemory, with the history's own, is where Go's collector begins to work for its room instead of letting the
	// heap double: a flood that fills every store holds 35 MB in use, and a router with 128 MB has no second 35.
	softMemory  = 40 << 20
	tightMemory = 28 << 20

	// heapGrowth is by how many percent the heap may grow between two collections. Go's own 100 would double it. With
	// 10,000 live flows this is a collection every three seconds or so, of some 4 ms on a PC (November 2026).
	heapGrowth = 10
)

// memory is how many bytes this machine has; 0 where it does not tell.
type memory int64

// machineMemory reads MemTotal of /proc/meminfo (proc(5)).
func machineMemory() memory {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	return memTotal(text)
}

func memTotal(meminfo []byte) memory {
	for lines := bufio.NewScanner(bytes.NewReader(meminfo)); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "MemTotal:" && words[2] == "kB" {
			n, err := strconv.ParseInt(words[1], 10, 40)
			if err != nil || n < 0 {
				return 0
			}
			return memory(n << 10)
		}
	}
	return 0
}

// check refuses a machine that would run out of memory on some busy evening.
func (m memory) check() error {
	if m > 0 && m < tooSmall {
		return fmt.Errorf("this router has %d MB of memory, and Spinneret needs a router with 128 MB: it does not start here", m>>20)
	}
	return nil
}

// limit tells Go's collector to keep the heap small, and how much there is beside the history's bytes, unless the
// environment does.
func (m memory) limit(history int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	switch {
	case os.Getenv("GOMEMLIMIT") != "":
	case m > 0 && m < tight:
		debug.SetMemoryLimit(tightMemory + int64(history))
	default:
		debug.SetMemoryLimit(softMemory + int64(history))
	}
}

// fit halves the stores where memory is tight: what the owner set stays as it is.
func (m memory) fit(o *agent.Options) {
	if m == 0 || m >= tight {
		return
	}
	o.Flows, o.Devices = agent.DefaultFlows/2, agent.DefaultDevices/2
	if usual := int(uci.Defaults().HistorySize); o.HistorySize == usual {
		o.HistorySize = usual / 2
	}
}
