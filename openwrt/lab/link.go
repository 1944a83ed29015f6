package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// batch runs lines of ip(8) inside the namespace, stopping at the first that fails. The namespaces in peers
// are reached as peerPath(0), peerPath(1) and so on.
func (n *NS) batch(ctx context.Context, lines []string, peers ...*NS) error {
	cmd := n.Command(ctx, "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	for _, p := range peers {
		cmd.ExtraFiles = append(cmd.ExtraFiles, p.file)
	}
	_, err := n.Run(cmd)
	return err
}

// peerPath names the i-th peer of a batch to ip, which takes the path of any namespace where it wants a name.
func peerPath(i int) string { return fmt.Sprintf("/proc/self/fd/%d", 3+i) }

// wireLines keeps the interfaces from sending frames that no wire would carry, if so wished.
func wireLines(wire bool, ifnames ...string) (lines []string) {
	for _, ifname := range ifnames {
		if wire {
			lines = append(lines, "link set dev "+ifname+" gso_max_segs 1")
		}
	}
	return lines
}

// sysctl is one setting, as in "net.ipv4.ip_forward" and "1".
type sysctl struct{ key, value string }

// set writes the settings of the namespace in their order.
func (n *NS) set(settings ...sysctl) error {
	return n.Do(func() error {
		for _, s := range settings {
			if err := os.WriteFile(sysctlPath(s.key), []byte(s.value), 0); err != nil {
				return fmt.Errorf("set %s in %q: %w", s.key, n.name, err)
			}
		}
		return nil
	})
}

// setIfThere is set for what kernels may lack.
func (n *NS) setIfThere(settings ...sysctl) error {
	for _, s := range settings {
		if err := n.set(s); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func sysctlPath(key string) string {
	return filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))
}
