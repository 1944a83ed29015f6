package state

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// maxAside is how many files that were no good are kept beside a File.
const maxAside = 3

// ErrAside says that there is no place left for another file that was no good.
var ErrAside = errors.New("there are three damaged ones already: remove them, or move them away")

// File is one file at a place that the owner named: on a disk, which may come and go. Only one goroutine of one
// program may use it.
type File struct {
	path string
	last os.FileInfo // what was read or written last
}

// NewFile returns the File at a path. Nothing is opened.
func NewFile(path string) *File { return &File{path: path} }

// String returns the path.
func (f *File) String() string { return f.path }

// Foreign reports whether something is at the path that was neither read nor written here: a disk may have been
// mounted since. The error is that of a disk or directory that does not answer.
func (f *File) Foreign() (bool, error) {
	now, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return f.last == nil || !os.SameFile(f.last, now) || !f.last.ModTime().Equal(now.ModTime()), nil
}

// Replace lets write fill a new file and puts that in the place of the old one at one stroke. When it returns nil the
// new one survives a power cut; when it does not return, or with an error, the old one is there as it was. The
// directory must be there: one that was made in the place of a disk that is missing would fill the router's flash.
func (f *File) Replace(write func(io.Writer) error) error {
	fresh := f.path + ".new"
	info, err := fill(fresh, write)
	if err == nil {
		err = os.Rename(fresh, f.path)
	}
	if err != nil {
		_ = remove(fresh) // else the next one does
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.last = info
	if err := syncDir(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// remove removes a file, which may be gone.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func fill(path string, write func(io.Writer) error) (info os.FileInfo, err error) {
	if err := remove(path); err != nil { // what power cut short
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := write(f); err != nil {
		return nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, err
	}
	return f.Stat()
}

// Read lets read have the content; found is false where there is no file. An error of read comes back as it is.
func (f *File) Read(read func(io.Reader) error) (found bool, err error) {
	file, err := os.OpenFile(f.path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return true, errors.Join(fmt.Errorf("read %s: this is no regular file: name another", f.path), err)
	}
	if err := read(bufio.NewReader(file)); err != nil {
		return true, err
	}
	f.last = info
	return true, nil
}

// MoveAside puts the file, which is no good, beside its place under a name that is free, and returns that.
func (f *File) MoveAside() (aside string, err error) {
	for i := range maxAside {
		aside = f.path + ".damaged"
		if i > 0 {
			aside += strconv.Itoa(i + 1)
		}
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(f.path, aside); err != nil {
				return "", err
			}
			return aside, syncDir(filepath.Dir(f.path))
		}
	}
	return "", fmt.Errorf("move %s aside: %w", f.path, ErrAside)
}
