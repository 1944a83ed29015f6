package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const dirPrefix = "spinneret-home-"

// homeDir is the directory of one home. Its process holds a lock on it (flock(2)), which the kernel lets go when the
// process ends in any way: a process number would say less, for it is used again, and a zombie has one too.
type homeDir struct {
	path string
	lock *os.File
}

// newDir makes the directory of one home in parent, after sweeping those that dead processes left there.
func newDir(parent string) (homeDir, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	if err := sweep(parent); err != nil {
		return homeDir{}, err
	}
	for {
		path, err := os.MkdirTemp(parent, dirPrefix+"*")
		if err != nil {
			return homeDir{}, fmt.Errorf("make directory of the home: %w", err)
		}
		lock, err := take(path)
		switch {
		case err == nil && there(path, lock):
			return homeDir{path, lock}, nil
		case err == nil:
			lock.Close()
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, fs.ErrNotExist):
			return homeDir{}, errors.Join(fmt.Errorf("lock the directory of the home: %w", err), os.Remove(path))
		}
		// Somebody swept it before it was locked.
	}
}

// remove removes the directory with all that is in it. Before newDir gave one there is nothing to remove.
func (d homeDir) remove() error {
	if d.lock == nil {
		return nil
	}
	defer d.lock.Close()
	return os.RemoveAll(d.path)
}

// sweep removes the directories of homes whose process is gone and that are ours.
func sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("sweep %s: %w", parent, err)
	}
	for _, e := range entries {
		path := filepath.Join(parent, e.Name())
		if !strings.HasPrefix(e.Name(), dirPrefix) {
			continue
		}
		lock, err := take(path)
		if err != nil {
			continue // it lives, or it is somebody else's
		}
		if err := (homeDir{path, lock}).remove(); err != nil {
			return fmt.Errorf("sweep %s: %w", parent, err)
		}
	}
	return nil
}

// take locks a directory of ours. Links, files and other users' directories are not taken: the parent is often open
// to all.
func take(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
		err = fs.ErrPermission
	}
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// there reports whether path still is the directory that was locked.
func there(path string, lock *os.File) bool {
	now, err := os.Lstat(path)
	if err != nil {
		return false
	}
	locked, err := lock.Stat()
	return err == nil && os.SameFile(now, locked)
}
