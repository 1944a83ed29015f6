package state

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// text returns a writer of a text that fails after so many bytes, never where that is negative.
func text(s string, fails int) func(io.Writer) error {
	return func(w io.Writer) error {
		if fails < 0 {
			_, err := io.WriteString(w, s)
			return err
		}
		_, err := io.WriteString(w, s[:fails])
		return errors.Join(err, io.ErrShortWrite)
	}
}

func content(t *testing.T, f *File) (found bool, got string) {
	t.Helper()
	found, err := f.Read(func(r io.Reader) error {
		data, err := io.ReadAll(r)
		got = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, got
}

func names(t *testing.T, f *File) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestAFileIsReplacedWholeOrNotAtAll, wherever the writing ends, and whatever an earlier end left behind.
func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	f := NewFile(filepath.Join(t.TempDir(), "past"))
	if found, _ := content(t, f); found {
		t.Fatal("it is there before it was written")
	}
	const old, fresh = "the old one", "the new one"
	if err := f.Replace(text(old, -1)); err != nil {
		t.Fatal(err)
	}
	for n := range len(fresh) {
		if err := f.Replace(text(fresh, n)); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		if _, got := content(t, f); got != old || !slices.Equal(names(t, f), []string{"past"}) {
			t.Fatalf("after %d bytes it is %q, beside %v", n, got, names(t, f))
		}
		if err := os.WriteFile(f.path+".new", []byte(fresh[:n]), 0o600); err != nil { // power went then
			t.Fatal(err)
		}
		if _, got := content(t, f); got != old {
			t.Fatalf("without power after %d bytes it is %q", n, got)
		}
	}
	if err := f.Replace(text(fresh, -1)); err != nil {
		t.Fatal(err)
	}
	if _, got := content(t, f); got != fresh || !slices.Equal(names(t, f), []string{"past"}) {
		t.Errorf("it is %q, beside %v", got, names(t, f))
	}
}

// TestNoDirectoryIsMade in the place of a disk that is not there.
func TestNoDirectoryIsMade(t *testing.T) {
	f := NewFile(filepath.Join(t.TempDir(), "disk", "past"))
	if err := f.Replace(text("x", -1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is written: %v", err)
	}
	if foreign, err := f.Foreign(); foreign || err != nil {
		t.Errorf("something is there: %v, %v", foreign, err)
	}
}

// TestWhatSomebodyElsePutThereIsForeign until it is read.
func TestWhatSomebodyElsePutThereIsForeign(t *testing.T) {
	f := NewFile(filepath.Join(t.TempDir(), "past"))
	foreign := func(when string, want bool) {
		t.Helper()
		if got, err := f.Foreign(); got != want || err != nil {
			t.Errorf("%s: foreign is %v, %v", when, got, err)
		}
	}
	foreign("before it is written", false)
	if err := f.Replace(text("ours", -1)); err != nil {
		t.Fatal(err)
	}
	foreign("once it is written", false)
	if err := errors.Join(os.Rename(f.path, f.path+"2"), os.WriteFile(f.path, []byte("theirs"), 0o600)); err != nil {
		t.Fatal(err)
	}
	foreign("another in its place", true)
	content(t, f)
	foreign("once that is read", false)
}

// TestWhatIsNoGoodIsKept: three of them, and then the file stays where it is.
func TestWhatIsNoGoodIsKept(t *testing.T) {
	f := NewFile(filepath.Join(t.TempDir(), "past"))
	for _, want := range []string{".damaged", ".damaged2", ".damaged3"} {
		if err := f.Replace(text(want, -1)); err != nil {
			t.Fatal(err)
		}
		if aside, err := f.MoveAside(); err != nil || aside != f.path+want {
			t.Fatalf("it is moved to %s, %v", aside, err)
		}
		if data, err := os.ReadFile(f.path + want); err != nil || string(data) != want {
			t.Errorf("%s has %q, %v", want, data, err)
		}
	}
	if err := f.Replace(text("a fourth", -1)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.MoveAside(); !errors.Is(err, ErrAside) {
		t.Errorf("a fourth: %v", err)
	}
	if _, got := content(t, f); got != "a fourth" {
		t.Errorf("the file is %q", got)
	}
}

// TestOnlyAFileIsRead: a directory, a link or a pipe in its place is left alone.
func TestOnlyAFileIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{NewFile(dir), NewFile(filepath.Join(dir, "link")), NewFile("/dev/null")} {
		if _, err := f.Read(func(io.Reader) error { return nil }); err == nil {
			t.Errorf("%s is read", f)
		}
	}
}
