package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// helpDir makes a home's directory, prints its path and waits to be killed.
func helpDir() {
	d, err := newDir(os.Getenv("SPINNERET_LAB_DIR"))
	if err != nil {
		panic(err)
	}
	fmt.Println(d.path)
	select {}
}

func TestNextStartSweepsWhatNobodyHolds(t *testing.T) {
	parent, elsewhere := t.TempDir(), t.TempDir()
	living, err := newDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	defer living.remove()
	for _, name := range []string{dirPrefix + "1", "somebody-elses"} {
		if err := os.MkdirAll(filepath.Join(parent, name, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(
		os.Symlink(elsewhere, filepath.Join(parent, dirPrefix+"link")),
		os.WriteFile(filepath.Join(parent, dirPrefix+"file"), nil, 0o600),
		os.Mkdir(filepath.Join(parent, dirPrefix+"nobodys"), 0o700),
	)
	if err != nil {
		t.Fatal(err)
	}
	// In a user namespace there is nobody else to give it to.
	foreign := os.Chown(filepath.Join(parent, dirPrefix+"nobodys"), 65534, -1) == nil
	next, err := newDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		dirPrefix + "1": false, filepath.Base(living.path): true, filepath.Base(next.path): true, "somebody-elses": true,
		dirPrefix + "link": true, dirPrefix + "file": true, dirPrefix + "nobodys": foreign,
	} {
		if _, err := os.Lstat(filepath.Join(parent, name)); (err == nil) != want {
			t.Errorf("after the sweep %s is there: %v, want %v", name, err == nil, want)
		}
	}
	if err := errors.Join(next.remove(), next.remove()); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error("the sweep followed a link")
	}
}

// TestAProcessThatDiedLetsGo even before its parent has asked how it ended.
func TestAProcessThatDiedLetsGo(t *testing.T) {
	parent := t.TempDir()
	cmd, lines := startHelper(t, "dir", "SPINNERET_LAB_DIR="+parent)
	if !lines.Scan() {
		t.Fatal("it made no directory")
	}
	dir := lines.Text()
	gone := func() bool {
		if err := sweep(parent); err != nil {
			t.Error(err)
		}
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	}
	if gone() {
		t.Error("it was swept while its process lived")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the directory is swept", gone)
	if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid)); err != nil {
		t.Errorf("it is no zombie: %s %v", state, err)
	}
	_ = cmd.Wait()
}

func TestManyHomesBeginAtOnce(t *testing.T) {
	parent := t.TempDir()
	const homes = 50
	dirC := make(chan homeDir, homes)
	for range homes {
		go func() {
			d, err := newDir(parent)
			if err != nil {
				t.Error(err)
			}
			dirC <- d
		}()
	}
	var dirs []homeDir
	for range homes {
		dirs = append(dirs, <-dirC)
	}
	for _, d := range dirs {
		if _, err := os.Stat(d.path); err != nil {
			t.Errorf("another one's sweep took it: %v", err)
		}
		if err := d.remove(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}
