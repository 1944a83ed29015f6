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

// TestTheFormInLuCIHasEveryOption of the two sections that it shows; a provider's files come by another way than LuCI.
func TestTheFormInLuCIHasEveryOption(t *testing.T) {
	form, err := os.ReadFile("../package/feed/luci-app-spinneret/htdocs/luci-static/resources/view/spinneret/settings.js")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range mainFields {
		want = append(want, ", '"+f.name+"',")
	}
	for _, f := range actionFields {
		want = append(want, ", '"+f.name+"',")
	}
	for _, kind := range findingKinds {
		want = append(want, " '"+kind+"'")
	}
	for _, severity := range Severities {
		want = append(want, "o.value('"+severity+"'")
	}
	for _, level := range actionLevels {
		want = append(want, "o.value('"+level+"'")
	}
	for _, w := range want {
		if !strings.Contains(string(form), w) {
			t.Errorf("the form lacks %s", w)
		}
	}
}
