package say

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		phrase         Phrase
		array, english string
	}{
		{Phrase{}, "", ""},
		{Plain("no room on the disk"), "", "no room on the disk"},
		{Plain(`["cut.full","cam"]`), "", `["cut.full","cam"]`},
		{New("cut.full", "cam"), `["cut.full","cam"]`, "cam was cut off by the owner"},
		{New("cut.full", "1"), `["cut.full","1"]`, "1 was cut off by the owner"},
		{New("cut.full", "<b>{1}"), `["cut.full","\u003cb\u003e{1}"]`, "<b>{1} was cut off by the owner"},
		{Known("was got and is used"), `["notice.got"]`, "was got and is used"},
		{Known("{0} was cut"), "", "{0} was cut"},
		{Known("was"), "", "was"},
		{New("character.met", 1), `["character.met",1]`, "met 1 new party"},
		{New("character.met", uint64(37_623)), `["character.met",37623]`, "met 37,623 new parties"},
		{New("character.met", New("more.than", 100)), `["character.met",["more.than",100]]`, "met more than 100 new parties"},
		{
			New("because", New("history.again"), Plain("why")), `["because",["history.again"],"why"]`,
			"the history is written down again: why",
		},
		{New("because", "a", Phrase{}), `["because","a",""]`, "a: "},
		{New("and", Bytes(1_540_000), Span(90*time.Second)), `["and",["@bytes",1540000],["@duration",90]]`, "1.5 MB and 90 s"},
		{New("and", Clock(noon), Day(noon)), `["and",["@time",1795262400],["@date",1795262400]]`, "12:00:00 and 2026-11-21"},
		{
			New("edit.kind", List(Kind("camera"), "x", New("ping"))), `["edit.kind",["@list",["@kind","camera"],"x",["ping"]]]`,
			"it is a camera, x, ping",
		},
	} {
		if got := c.phrase.Array(); got != c.array {
			t.Errorf("array %s, want %s", got, c.array)
		}
		if got := c.phrase.String(); got != c.english {
			t.Errorf("%s says %q, want %q", c.array, got, c.english)
		}
	}
}

// TestPhrasesSurviveAFile: and so does what an earlier version wrote, and what nobody should have written.
func TestPhrasesSurviveAFile(t *testing.T) {
	for _, p := range []Phrase{
		{},
		Plain("a text"), New("cut.full", "cam"), New("because", New("history.again"), "x"),
		Plain(`["cut.full","cam"]`), Plain(`"why"`), Plain(`"\u0041"`), Plain(`"\"why\""`), Plain(`"`), Plain("5"), Plain("[<b>"),
	} {
		b, err := json.Marshal(struct{ P Phrase }{p})
		var back struct{ P Phrase }
		if err != nil || json.Unmarshal(b, &back) != nil || back.P != p {
			t.Errorf("%s came back as %v (%v)", b, back, err)
		}
	}
	for _, text := range []string{
		"[", "[]", "[[]]", `["`, `["a"]`, `["cut.full"]`, `["cut.full",{}]`, `["because","a",["b"]]`, `["@bytes","x"]`, `["@time"]`,
		`["cut.full","cam"`, `["\tcut"]`, `["and",["@bytes",1,2],""]`, `["ping"]x`, "sent 3 packets",
	} {
		var p Phrase
		if err := p.UnmarshalText([]byte(text)); err != nil || p.Array() != "" || p.String() != text {
			t.Errorf("%s is read as %s, %q (%v)", text, p.Array(), p, err)
		}
	}
}

func TestLongPhrasesAreCutToATextOfTheirBegin(t *testing.T) {
	for _, p := range []Phrase{New("cut.full", strings.Repeat("ä", 100)), New("cut.full", "x"+strings.Repeat("ä", 100)), Plain(strings.Repeat("a ", 100))} {
		if got := p.Within(60); got.Array() != "" || len(got.String()) > 60 || !strings.HasSuffix(got.String(), "…") || strings.ContainsRune(got.String(), '\uFFFD') {
			t.Errorf("%s is cut to %q", p.Array(), got)
		}
	}
	if p := New("cut.full", "cam"); p.Within(60) != p {
		t.Error("a phrase that fits was cut")
	}
}

// TestPhrasesArePacked: UPDATE=1 packs them.
func TestPhrasesArePacked(t *testing.T) {
	text, err := os.ReadFile("phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") == "1" {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if _, err := w.Write(text); err != nil || w.Close() != nil || os.WriteFile("phrases.gz", b.Bytes(), 0o644) != nil {
			t.Fatal("not packed")
		}
	} else if string(text) != phrases() {
		t.Error("phrases.gz is not phrases.txt: UPDATE=1 packs it anew")
	}
}

// TestEachKeyIsSaidWithItsArguments reads the sources: each key of the catalogue is in use, and wherever one is said it
// gets as many arguments as its English has.
func TestEachKeyIsSaidWithItsArguments(t *testing.T) {
	arguments, unused, keyOf := map[string]int{}, map[string]bool{}, map[string]string{}
	for line := range strings.Lines(phrases()) {
		key, template, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for _, hole := range regexp.MustCompile(`\{(\d)(\?[^:{}]+:[^:{}]+)?\}`).FindAllStringSubmatch(template, -1) {
			at, _ := strconv.Atoi(hole[1])
			arguments[key] = max(arguments[key], at+1)
		}
		keyOf[template] = key // a room that may not know this one says it in English, see Known
		arguments[key], unused[key] = max(arguments[key], 0), true
	}
	all := slices.Collect(strings.Lines(phrases()))
	if len(unused) != len(all) || !slices.IsSorted(all) {
		t.Error("phrases.txt is not in order, or has a key twice: LC_ALL=C sort -u it")
	}
	eachSource(t, func(path string, n ast.Node) {
		switch n := n.(type) {
		case *ast.BasicLit:
			text, _ := strconv.Unquote(n.Value)
			delete(unused, text)
			delete(unused, keyOf[text])
			maps.DeleteFunc(unused, func(key string, _ bool) bool { // it goes on with a level or mode
				return strings.HasSuffix(text, ".") && strings.HasPrefix(key, text)
			})
		case *ast.CallExpr:
			key, args, is := said(n)
			if want, known := arguments[key]; is && (!known || want != args) {
				t.Errorf("%s says %s with %d arguments: %d are in phrases.txt, known %t", path, key, args, want, known)
			}
		}
	})
	if len(unused) > 0 {
		t.Errorf("nobody says %v", unused)
	}
}

// said is the key and the number of arguments of a call that says something.
func said(n *ast.CallExpr) (key string, args int, is bool) {
	name, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || len(n.Args) == 0 || n.Ellipsis.IsValid() {
		return "", 0, false
	}
	first := map[string]int{"New": 0, "Audit": 2, "tellOf": 3, "audited": 1}
	at, ok := first[name.Sel.Name]
	if pkg, _ := name.X.(*ast.Ident); !ok || name.Sel.Name == "New" && (pkg == nil || pkg.Name != "say") {
		return "", 0, false
	}
	lit, ok := n.Args[at].(*ast.BasicLit)
	if !ok {
		return "", 0, false
	}
	key, _ = strconv.Unquote(lit.Value)
	return key, len(n.Args) - at - 1, true
}

func eachSource(t *testing.T, fn func(path string, n ast.Node)) {
	for _, room := range []string{"agent", "anomaly", "capture", "mud", "openwrt", "ui"} {
		err := filepath.WalkDir(filepath.Join("../..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(file, func(n ast.Node) bool { fn(path, n); return true })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
