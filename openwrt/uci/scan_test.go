package uci

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gouci "github.com/digineo/go-uci/v2"
	"github.com/google/go-cmp/cmp"
)

func TestScanKnowsTheLines(t *testing.T) {
	f, p := scan([]byte("\n# one\nconfig a 'x'\n\toption b 'two\nlines'\n\tlist c d\nconfig e\n"))
	if p != nil {
		t.Fatal(p)
	}
	want := []section{
		{"a", "x", 3, []entry{{false, "b", "two\nlines", 4}, {true, "c", "d", 6}}},
		{"e", "", 7, nil},
	}
	if diff := cmp.Diff(want, f.sections, cmp.AllowUnexported(section{}, entry{})); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

func TestGoUCIIsAskedOnlyForWhatItReadsAsUCIDoes(t *testing.T) {
	for content, plain := range map[string]bool{
		"config a 'x'\n\toption b 'c' # d\n":     true,
		"config a x\n\tlist b \"c d\"\n":         true,
		"config a x\n\toption b 'c\\d'\n":        false,
		"config a x\n\toption b c\\ d\n":         false,
		"config a x\n\toption b 'c''d'\n":        false,
		"config a x\n\toption b c\"d\"\n":        false,
		"config a x\n\toption b 'c\nd'\n":        false,
		"config a x\n\toption b c; option d e\n": false,
		"config a x\n\toption b \rc\n":           false,
		"config a # x\n\toption b c\n":           false,
		"# a\\b; 'c'd\nconfig a x\n":             true,
	} {
		if f, p := scan([]byte(content)); p != nil || f.plain != plain {
			t.Errorf("%q: plain %v (%v), want %v", content, f.plain, p, plain)
		}
	}
}

// FuzzScan holds the scan against go-uci: of a plain file that both take they read the same.
func FuzzScan(f *testing.F) {
	for _, pattern := range []string{"testdata/reference", "testdata/bad/*.uci"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds %s: %v", pattern, err)
		}
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Add([]byte("config spinneret 'main'\n\toption socket '/a'\\''b'\n\tlist lan \"a\\\nb\" # c\n"))
	f.Add([]byte("config a\noption b c;option d e\nconfig f # g\n"))
	f.Add([]byte("c a b\no c d\nl e f"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(dir, "fuzz")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, p := range Check(path) {
			if p.Line < 0 || p.Line > 1+strings.Count(string(content), "\n") || p.File != path || p.Text == "" {
				t.Errorf("problem %+v is not of this file", p)
			}
		}
		got, p := scan(content)
		tree := gouci.NewTree(dir)
		if p != nil || !got.plain || tree.LoadConfig("fuzz", false) != nil {
			return
		}
		if a, b := listing(got), listingOfGoUCI(t, tree, got); a != b {
			t.Errorf("the scan reads\n%s\ngo-uci reads\n%s", a, b)
		}
	})
}

// listing writes what a file says, the way go-uci tells it: sections of one name are one, the last option of a name
// holds, a value is in a list once.
func listing(f file) string {
	var b strings.Builder
	for _, s := range named(f) {
		for _, name := range optionNames(s) {
			var values []string
			for _, e := range s.entries {
				switch {
				case e.name != name:
				case !e.list:
					values = []string{e.value}
				case !slices.Contains(values, e.value):
					values = append(values, e.value)
				}
			}
			fmt.Fprintf(&b, "%s.%s=%q\n", s.name, name, values)
		}
	}
	return b.String()
}

func listingOfGoUCI(t *testing.T, tree gouci.Tree, f file) string {
	t.Helper()
	var b strings.Builder
	for _, s := range named(f) {
		for _, name := range optionNames(s) {
			values, ok := tree.Get("fuzz", s.name, name)
			if !ok {
				t.Errorf("go-uci has no section %q", s.name)
			}
			fmt.Fprintf(&b, "%s.%s=%q\n", s.name, name, values)
		}
	}
	return b.String()
}

// named joins the sections of each name; those without are left out, go-uci numbers them by type.
func named(f file) (sections []section) {
	for _, s := range f.sections {
		i := slices.IndexFunc(sections, func(x section) bool { return x.name == s.name })
		switch {
		case s.name == "":
		case i >= 0:
			sections[i].entries = slices.Concat(sections[i].entries, s.entries)
		default:
			sections = append(sections, s)
		}
	}
	return sections
}

func optionNames(s section) (names []string) {
	for _, e := range s.entries {
		if !slices.Contains(names, e.name) {
			names = append(names, e.name)
		}
	}
	return names
}
