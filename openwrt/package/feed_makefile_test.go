package main

import (
	"os"
	"strings"
	"testing"
)

// TestOpenWrtsOwnBuildSaysTheSame: the feed's Makefiles stand beside our tables, and nobody builds them here.
func TestOpenWrtsOwnBuildSaysTheSame(t *testing.T) {
	needs := func(c content) string { return "+" + strings.Join(c.depends[1:], " +") } // libc is there by itself
	both := []string{"PKG_LICENSE:=" + licence, "PKG_RELEASE:=" + strings.TrimPrefix(packageRelease, "r")}
	for path, lines := range map[string][]string{
		"feed/spinneret/Makefile": {
			"  DEPENDS:=$(GO_ARCH_DEPENDS) " + needs(agentPackage), "  USERID:=" + agentPackage.user, "  TITLE:=" + agentPackage.summary,
			"GO_PKG_TAGS:=" + tags, "PKG_MAINTAINER:=" + maintainer, "GO_PKG_BUILD_PKG:=spinneret/" + strings.TrimPrefix(program, "./"),
		},
		luciFolder + "/Makefile": {
			"LUCI_DEPENDS:=" + needs(luciPackage), "LUCI_TITLE:=" + luciPackage.summary, "LUCI_DESCRIPTION:=" + luciPackage.description,
			"LUCI_MAINTAINER:=" + maintainer,
		},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range append(lines, both...) {
			if !strings.Contains(string(text), "\n"+line+"\n") {
				t.Errorf("%s: no line %q", path, line)
			}
		}
	}
}

// TestTheProgramFindsItsVendors: the package puts the table where the program for routers looks.
func TestTheProgramFindsItsVendors(t *testing.T) {
	text, err := os.ReadFile("../../capture/oui/oui.go")
	if err != nil {
		t.Fatal(err)
	}
	if line := `const File = "/` + vendorsPath + `"`; !strings.Contains(string(text), "\n"+line+"\n") {
		t.Errorf("capture/oui has no line %q", line)
	}
}
