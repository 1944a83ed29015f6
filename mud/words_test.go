package mud

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/openwrt/lab/expect"
)

// The words in testdata/words were written by hand from the files, before there was a compiler.
func TestWords(t *testing.T) {
	data, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	checkWords(t, "all", data)
}

// NIST's files have one abstraction each.
func TestWordsOfNIST(t *testing.T) {
	files, err := filepath.Glob(expect.ThirdParty(t, "mud/usnistgov__nist-mud/test/unittest/*/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		if _, err := os.Stat(filepath.Join("testdata/words", name+".txt")); err != nil || strings.HasSuffix(file, "/mudfile.json") {
			continue
		}
		checked++
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkWords(t, name, data)
		})
	}
	if checked != 8 {
		t.Errorf("%d of NIST's files were checked, want 8", checked)
	}
}

func checkWords(t *testing.T, name string, data []byte) {
	t.Helper()
	f, found := Parse(data)
	if f == nil {
		t.Fatalf("the file is refused: %v", found)
	}
	got := strings.Join(f.Compile(false).Words(), "\n") + "\n"
	expect.Golden(t, "testdata/words/"+name+".txt", got)
}
