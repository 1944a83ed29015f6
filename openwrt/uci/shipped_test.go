package uci

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shipped is the file that the package brings.
const shipped = "../package/files/etc/config/spinneret"

func TestTheShippedFileSetsNothing(t *testing.T) {
	got, err := Load(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Defaults(), got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

// TestEveryLineOfTheShippedFileIsRight takes the marks off all lines that its owner may want.
func TestEveryLineOfTheShippedFileIsRight(t *testing.T) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^(\t?)# (config|option|list) `).ReplaceAllString(string(data), "$1$2 ")
	for name, list := range allFields() {
		keyword := "option"
		if list {
			keyword = "list"
		}
		if !strings.Contains(text, "\t"+keyword+" "+name+" '") {
			t.Errorf("it lacks %s %s", keyword, name)
		}
	}
	const credentials, files, psk = `credentials`, `(ca|cert|key)`, `psk_(identity|file)`
	for _, others := range []string{files + "|" + psk, credentials + "|" + psk, credentials + "|" + files} {
		one := regexp.MustCompile(`(?m)^\toption (`+others+`) .*\n`).ReplaceAllString(text, "")
		for _, p := range Check(write(t, one)) {
			t.Errorf("without %s: %v", others, p)
		}
	}
}

// TestTheServiceKnowsEveryOption: procd validates what LuCI writes by the list in the init script.
func TestTheServiceKnowsEveryOption(t *testing.T) {
	script, err := os.ReadFile("../package/files/etc/init.d/spinneret")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range mainFields {
		if !strings.Contains(string(script), "\t'"+f.name+":") {
			t.Errorf("the service does not validate %s", f.name)
		}
	}
}
