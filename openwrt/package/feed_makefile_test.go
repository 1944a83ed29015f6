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
