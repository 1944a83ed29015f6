// Package expect is what tests of all rooms ask for alike: that something comes to hold, that a text is as written
// down, where third-party data are, how much memory is in use.
package expect

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patience is for what takes a second at most on a machine that has nothing else to do.
const patience = time.Minute

// Eventually polls until something holds.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// Golden compares a text with a file: a name alone is that of one in testdata. UPDATE=1 rewrites it.
func Golden(t testing.TB, path, got string) {
	t.Helper()
	if !strings.Contains(path, "/") {
		path = filepath.Join("testdata", path)
	}
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), UPDATE=1 rewrites it:\n%s", path, diff)
	}
}

// ThirdParty is a path in the folder of third-party data. A test without that folder is skipped.
func ThirdParty(t testing.TB, path ...string) string {
	t.Helper()
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		t.Skip("skip: set SPINNERET_TESTDATA to the folder of third-party data")
	}
	return filepath.Join(append([]string{dir}, path...)...)
}

// Heap is how many bytes are in use, once the garbage is away.
func Heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Unhex is what is written in hexadecimal digits, with blanks between them or without.
func Unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
