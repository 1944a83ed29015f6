package agent_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	if within(to, "openwrt/lab") {
		return within(file, "openwrt/lab") || within(file, "agent/demo") || strings.HasSuffix(file, "_test.go")
	}
	target := room(to)
	return target == from || slices.Contains(doors[from].rooms, target)
}

// within reports whether a path is that of a package or of something in it.
func within(path, pkg string) bool { return path == pkg || strings.HasPrefix(path, pkg+"/") }

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
		{"openwrt/lab/home.go", "openwrt/lab/plan", true},
		{"openwrt/labels/labels.go", "openwrt/lab", false},
		{"agent/loop.go", "openwrt/lab", false},
		{"agent/demo/demo.go", "openwrt/lab", true},
		{"ui/server_test.go", "openwrt/lab", true},
		{"agent/loop.go", "ui", true},
	} {
		if got := mayImport(c.file, room(c.file), c.imported); got != c.allowed {
			t.Errorf("%s importing %s: allowed is %v, want %v", c.file, c.imported, got, c.allowed)
		}
	}
}

// TestARoutersBuildHasNoLab follows the imports of the program as built for a router (-tags router), and, to know
// that it looks at the right thing, as built for a desk.
func TestARoutersBuildHasNoLab(t *testing.T) {
	const program = "agent/cmd/spinneret"
	if got := needs(t, program, "router"); got["openwrt/lab"] || got["agent/demo"] || !got["openwrt/firewall"] {
		t.Errorf("a router's build is of %v, want no lab and no demo in it", slices.Sorted(maps.Keys(got)))
	}
	if got := needs(t, program); !got["openwrt/lab"] {
		t.Errorf("a desk's build is of %v: where is its lab?", slices.Sorted(maps.Keys(got)))
	}
}

// TestARoutersBuildHasNothingOfTheProviders: NATS alone is larger than all that a router runs.
func TestARoutersBuildHasNothingOfTheProviders(t *testing.T) {
	for pkg := range needs(t, "agent/cmd/spinneret") {
		if within(pkg, "dots/isp") || within(pkg, "dots/cmd") {
			t.Errorf("the home's program is built of %s too", pkg)
		}
		for _, imported := range importsOf(t, pkg) {
			if strings.HasPrefix(imported, "github.com/nats-io/") {
				t.Errorf("%s, which is in the home's program, imports %s", pkg, imported)
			}
		}
	}
	if got := needs(t, "dots/cmd/spinneret-isp"); !got["dots/isp/store"] {
		t.Errorf("the provider's program is built of %v: where is its store?", slices.Sorted(maps.Keys(got)))
	}
}

// importsOf lists what the files of a package import, tests left out.
func importsOf(t *testing.T, pkg string) []string {
	t.Helper()
	p, err := build.Default.ImportDir(filepath.Join("..", pkg), 0)
	if err != nil {
		t.Fatal(err)
	}
	return p.Imports
}

// needs are the packages of ours that one is built of, tests left out.
func needs(t *testing.T, pkg string, tags ...string) map[string]bool {
	t.Helper()
	files := build.Default
	files.GOOS, files.BuildTags = "linux", tags
	found := map[string]bool{}
	var follow func(string)
	follow = func(pkg string) {
		if found[pkg] {
			return
		}
		found[pkg] = true
		p, err := files.ImportDir(filepath.Join("..", pkg), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, "spinneret/"); ok {
				follow(ours)
			}
		}
	}
	follow(pkg)
	return found
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
