package state

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// Names lists what is saved under names that begin so; copies of before are not among them.
func (d Dir) Names(prefix string) (names []string, err error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names, nil
}

// Remove removes what is saved under a name, the copy of before too. It may be gone.
func (d Dir) Remove(name string) error {
	var errs []error
	for _, path := range []string{d.file(name), d.file(name + ".old"), d.file(name + ".new")} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
