package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const dirPrefix = "spinneret-lab-"

// newDir makes the directory of one home in parent, after sweeping those that dead processes left there.
func newDir(parent string) (string, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	if err := sweep(parent); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-*", dirPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make directory of the home: %w", err)
	}
	return dir, nil
}

// sweep removes the directories of homes whose process is gone and that are ours.
func sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("sweep %s: %w", parent, err)
	}
	for _, e := range entries {
		if pid, ok := ownerPID(e); ok && !alive(pid) {
			// Someone else's sweep may be faster.
			if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("sweep %s: %w", parent, err)
			}
		}
	}
	return nil
}

// ownerPID returns the process in the name of a home's directory. Links, files and other users' directories
// are none: the parent is often open to all.
func ownerPID(e os.DirEntry) (int, bool) {
	rest, ok := strings.CutPrefix(e.Name(), dirPrefix)
	if !ok || !e.IsDir() {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, "-")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 {
		return 0, false
	}
	info, err := e.Info()
	if err != nil {
		return 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return pid, ok && int(stat.Uid) == os.Geteuid()
}

func alive(pid int) bool {
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
