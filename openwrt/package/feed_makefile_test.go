package main

import (
	"os"
	"strings"
	"testing"
)

// TestOpenWrtsOwnBuildSaysTheSame: the feed's Makefile stands beside our table, and nobody builds it here.
func TestOpenWrtsOwnBuildSaysTheSame(t *testing.T) {
	text, err := os.ReadFile("feed/spinneret/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	depends := "  DEPENDS:=$(GO_ARCH_DEPENDS) +" + strings.Join(agentPackage.depends[1:], " +") // libc is there by itself
	for _, line := range []string{
		depends, "  USERID:=" + agentPackage.user, "  TITLE:=" + agentPackage.summary, "GO_PKG_TAGS:=" + tags, "PKG_MAINTAINER:=" + maintainer,
		"PKG_LICENSE:=" + licence, "GO_PKG_BUILD_PKG:=spinneret/" + strings.TrimPrefix(program, "./"), "PKG_RELEASE:=" + strings.TrimPrefix(packageRelease, "r"),
	} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no line %q", line)
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
