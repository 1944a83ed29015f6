package hello

import (
	"strings"
	"testing"
)

func TestHostNames(t *testing.T) {
	label := strings.Repeat("a", maxLabel)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("b", 61)
	for raw, want := range map[string]string{
		"Cam.Example":           "cam.example",
		"cam.example.":          "cam.example",
		"router":                "router",
		"xn--bcher-kva.example": "xn--bcher-kva.example",
		"7up.example":           "7up.example",
		"1.2.3.example4":        "1.2.3.example4",
		longest:                 longest,
		longest + "c":           "",
		label + "a.example":     "",
		"":                      "",
		".":                     "",
		"a..example":            "",
		".example":              "",
		"-a.example":            "",
		"a-.example":            "",
		"198.51.100.7":          "",
		"12345":                 "",
		"2001:db8::1":           "",
		"a_b.example":           "",
		"a b.example":           "",
		"a\x00.example":         "",
		"büch.example":          "",
		"a.example\n":           "",
	} {
		if got, ok := cleanHost([]byte(raw)); got != want || ok != (want != "") {
			t.Errorf("cleanHost(%q) = %q %v, want %q", raw, got, ok, want)
		}
	}
}
