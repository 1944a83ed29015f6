package tree_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/package/tree"
)

var source = fstest.MapFS{
	"etc/config/example": {Data: []byte("config"), Mode: 0o777},
	"etc/init.d/example": {Data: []byte("script")},
}

var rules = []tree.Rule{
	{Pattern: "etc/config/example", Mode: 0o600, Config: true},
	{Pattern: "etc/init.d/*", Mode: 0o755},
}

// TestModesComeFromRules, whatever they are on disk.
func TestModesComeFromRules(t *testing.T) {
	files, configs, err := tree.Load(source, rules)
	if err != nil {
		t.Fatal(err)
	}
	want := []tree.File{{Path: "etc/config/example", Mode: 0o600, Data: []byte("config")}, {Path: "etc/init.d/example", Mode: 0o755, Data: []byte("script")}}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/etc/config/example"}, configs); diff != "" {
		t.Errorf("the owner's files (-want +got):\n%s", diff)
	}
}

func TestARuleForEachFileAndAFileForEachRule(t *testing.T) {
	if _, _, err := tree.Load(source, rules[:1]); err == nil || !strings.Contains(err.Error(), "etc/init.d/example: no rule") {
		t.Errorf("a file without a rule: %v", err)
	}
	if _, _, err := tree.Load(source, append(rules[:2:2], tree.Rule{Pattern: "usr/*"})); err == nil || !strings.Contains(err.Error(), "usr/*: there is no such file") {
		t.Errorf("a rule without a file: %v", err)
	}
}

// TestDirectoriesAreAddedAndAllIsSorted by bytes of the whole path: - and . come before /.
func TestDirectoriesAreAddedAndAllIsSorted(t *testing.T) {
	files, err := tree.Complete([]tree.File{{Path: "a/x", Mode: 0o644}, {Path: "a.b", Mode: 0o644}, {Path: "a-b/c", Mode: fs.ModeSymlink, Link: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%v %s", f.Mode, f.Path))
	}
	if diff := cmp.Diff([]string{"drwxr-xr-x a", "drwxr-xr-x a-b", "L--------- a-b/c", "-rw-r--r-- a.b", "-rw-r--r-- a/x"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := tree.Paths(files); got != "/a-b/c\n/a.b\n/a/x\n" {
		t.Errorf("the list is %q", got)
	}
}

func TestPathsStayBelowTheRoot(t *testing.T) {
	for _, path := range []string{"../etc/passwd", "/etc/passwd", "etc//x", "etc/", ".", ""} {
		if _, err := tree.Complete([]tree.File{{Path: path}}); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
	if _, err := tree.Complete([]tree.File{{Path: "x"}, {Path: "x"}}); err == nil {
		t.Error("the same path twice is taken")
	}
}
