// Package state keeps the agent's few files: written whole or not at all, checked on read, and read back from the
// last good copy where the newest was damaged.
package state

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	header  = "spinneret-state 1 " // then the checksum in hex and a newline
	maxSize = 4 << 20              // bytes; a home's state takes some kB
)

// Dir is the directory that holds the state. Only one goroutine of one program may write it.
type Dir struct{ path string }

// Open makes the directory where it is missing: for us alone, since it holds what the family's devices are called.
func Open(path string) (Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return Dir{}, fmt.Errorf("make the state directory: %w", err)
	}
	return Dir{path}, nil
}

// Save writes v as JSON under a name. When it returns nil the file survives a power cut; when power fails before,
// the last one does.
func (d Dir) Save(name string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := d.replace(name, sealed(body)); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}

func sealed(body []byte) []byte {
	return fmt.Appendf(nil, "%s%x\n%s", header, sha256.Sum256(body), body)
}

// replace keeps the present file as the last good copy, and puts the new one in its place at one stroke.
func (d Dir) replace(name string, data []byte) error {
	fresh, current, last := d.file(name+".new"), d.file(name), d.file(name+".old")
	if err := writeSynced(fresh, data); err != nil {
		return err
	}
	// A damaged file must not push out the good copy of it.
	if _, err := read(current); err == nil {
		if err := os.Remove(last); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Link(current, last); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh, current); err != nil {
		return err
	}
	return syncDir(d.path)
}

func writeSynced(path string, data []byte) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := giveToOwner(f); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// giveToOwner lets the agent, which has a user of its own and owns the directory, read what root writes there.
func giveToOwner(f *os.File) error {
	var dir syscall.Stat_t
	if os.Geteuid() != 0 {
		return nil
	}
	if err := syscall.Stat(filepath.Dir(f.Name()), &dir); err != nil {
		return err
	}
	if dir.Uid == 0 {
		return nil
	}
	return f.Chown(int(dir.Uid), int(dir.Gid))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Damage says that the newest file was no good and what was done about it.
type Damage struct {
	Name  string
	Aside string // where the damaged file lies now, "" where it could not be moved
	Used  bool   // the last good copy was read in its place
	Err   error  // what was wrong
}

// Error is a sentence for the owner.
func (e *Damage) Error() string {
	what := "nothing could be read in its place"
	if e.Used {
		what = "the copy from before was read"
	}
	return fmt.Sprintf("the saved %s was damaged (%v): %s; the damaged file is kept as %s", e.Name, e.Err, what, e.Aside)
}

func (e *Damage) Unwrap() error { return e.Err }

// Load reads what was saved under a name into v, and reports whether there was anything. A damaged file is moved
// aside and the copy before it is read: then the error is a *Damage, and v holds that copy where Used is true. Until
// there is a new file, who reads after that is told so as well.
func (d Dir) Load(name string, v any) (found bool, err error) {
	body, err := read(d.file(name))
	if err == nil {
		if err = json.Unmarshal(body, v); err == nil {
			return true, nil
		}
	}
	damage := &Damage{Name: name, Err: err}
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case !missing:
		damage.Aside = d.moveAside(name)
	case d.setAside(name):
		missing, damage.Aside, damage.Err = false, d.file(name+damaged), errBefore
	}
	if body, oldErr := read(d.file(name + ".old")); oldErr == nil && json.Unmarshal(body, v) == nil {
		damage.Used = true
	}
	if missing && !damage.Used {
		return false, nil
	}
	return damage.Used, damage
}

const damaged = ".damaged"

var errBefore = errors.New("when it was read before")

// setAside reports whether a damaged file of that name was moved aside at some time.
func (d Dir) setAside(name string) bool {
	_, err := os.Lstat(d.file(name + damaged))
	return err == nil
}

func (d Dir) moveAside(name string) string {
	aside := d.file(name + damaged)
	if err := os.Rename(d.file(name), aside); err != nil {
		return ""
	}
	return aside
}

// read returns the checked content of a file.
func read(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxSize || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("no file of ours: larger than %d bytes, or not regular", maxSize)
	}
	data := make([]byte, 0, 4096)
	buf := bytes.NewBuffer(data)
	if _, err := buf.ReadFrom(f); err != nil {
		return nil, err
	}
	return unseal(buf.Bytes())
}

func unseal(data []byte) ([]byte, error) {
	line, body, ok := bytes.Cut(data, []byte("\n"))
	sum, ours := strings.CutPrefix(string(line), header)
	switch {
	case !ours || !ok:
		return nil, errors.New("it does not begin as our files do")
	case sum != fmt.Sprintf("%x", sha256.Sum256(body)):
		return nil, errors.New("its checksum is wrong")
	}
	return body, nil
}

func (d Dir) file(name string) string { return filepath.Join(d.path, name) }
