package agent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// doors says which rooms a room may import, and why no others.
var doors = map[string]struct {
	rooms  []string
	reason string
}{
	"capture": {nil, "packets are seen the same way whoever looks"},
	"anomaly": {[]string{"capture"}, "it scores flows and nothing else, so that a replay finds what a router finds"},
	"mud":     {nil, "a profile means the same in every home"},
	"dots":    {nil, "the protocol knows no home"},
	"ui":      {nil, "it owns its JSON: the contract does not follow our types"},
	"openwrt": {[]string{"mud"}, "the router is told what to hold; it renders profiles"},
	"agent":   {[]string{"capture", "anomaly", "mud", "dots", "ui", "openwrt"}, "it wires all rooms"},
}

// TestRoomsImportOnlyThroughTheirDoors reads the sources itself: the answer of `go list` would come from the test cache.
func TestRoomsImportOnlyThroughTheirDoors(t *testing.T) {
	for _, file := range goFiles(t) {
		from := room(file)
		for _, imported := range imports(t, file) {
			to, ours := strings.CutPrefix(imported, "spinneret/")
			if !ours || mayImport(file, from, to) {
				continue
			}
			t.Errorf("%s imports %q: %s may import only %v, because %s", file, imported, from, doors[from].rooms, doors[from].reason)
		}
	}
}

func mayImport(file, from, to string) bool {
	target := room(to)
	if target == from {
		return from != "openwrt" || to != "openwrt/lab" || strings.HasPrefix(file, "openwrt/lab/") || strings.HasSuffix(file, "_test.go")
	}
	if to == "openwrt/lab" && strings.HasSuffix(file, "_test.go") {
		return true
	}
	for _, allowed := range doors[from].rooms {
		if allowed == target {
			return true
		}
	}
	return false
}

// TestTheImportLawCatchesAForbiddenDoor keeps the law itself honest.
func TestTheImportLawCatchesAForbiddenDoor(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		allowed        bool
	}{
		{"ui/server.go", "capture", false},
		{"capture/table.go", "capture/packet", true},
		{"openwrt/firewall/rules.go", "capture/packet", false},
		{"openwrt/firewall/rules.go", "openwrt/lab", false},
		{"ui/server_test.go", "openwrt/lab", true},
		{"agent/loop.go", "ui", true},
	} {
		if got := mayImport(c.file, room(c.file), c.imported); got != c.allowed {
			t.Errorf("%s importing %s: allowed is %v, want %v", c.file, c.imported, got, c.allowed)
		}
	}
}

// TestEveryPackageSaysWhatItIs wants one package sentence in each folder.
func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]int{}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		dir := filepath.Dir(file)
		documented[dir] += 0
		if parse(t, file, parser.PackageClauseOnly|parser.ParseComments).Doc != nil {
			documented[dir]++
		}
	}
	for dir, n := range documented {
		if n != 1 {
			t.Errorf("%s has %d package comments, want one", dir, n)
		}
	}
}

// TestTheTopLevelIsFixed keeps the ground floor as the contract has it.
func TestTheTopLevelIsFixed(t *testing.T) {
	allowed := "agent capture anomaly dots mud ui openwrt go.mod go.sum README.md Makefile LICENSE CHANGELOG.md spinneret spinneret-isp bin"
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") && !strings.Contains(" "+allowed+" ", " "+name+" ") {
			t.Errorf("%s stands on the top level: move it into a room", name)
		}
	}
}

func room(path string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(path), "/")
	return first
}

// goFiles lists the project's Go files, relative to its root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files found: %v", err)
	}
	return files
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	var paths []string
	for _, spec := range parse(t, file, parser.ImportsOnly).Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func parse(t *testing.T, file string, mode parser.Mode) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
