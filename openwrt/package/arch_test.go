package main

import (
	"slices"
	"strings"
	"testing"
)

func TestArchitecturesAreChosenByOpenWrtsNames(t *testing.T) {
	if got, err := choose(""); err != nil || !slices.Equal(got, slices.Sorted(slices.Values(common))) {
		t.Errorf("nothing said: %q %v", got, err)
	}
	if got, err := choose("all"); err != nil || len(got) != len(architectures) || !slices.Contains(got, tightArch) {
		t.Errorf("all: %q %v", got, err)
	}
	if got, err := choose("x86_64,mips_24kc,x86_64"); err != nil || !slices.Equal(got, []string{"mips_24kc", "x86_64"}) {
		t.Errorf("two: %q %v", got, err)
	}
	if _, err := choose("mipsle"); err == nil || !strings.Contains(err.Error(), "print-architecture") {
		t.Errorf("Go's name: %v, want to be told where the right one is found", err)
	}
}

// TestWithoutAnFPUNoneIsUsed: OpenWrt's name tells which there is (golang-values.mk).
func TestWithoutAnFPUNoneIsUsed(t *testing.T) {
	for arch, target := range architectures {
		want := target.setting
		switch cpu, fpu, _ := strings.Cut(strings.TrimPrefix(arch, "arm_"), "_"); {
		case !strings.HasPrefix(arch, "arm_"):
			if target.goarch == "mips" || target.goarch == "mipsle" && !strings.HasSuffix(arch, "f") {
				want = "GOMIPS=softfloat"
			}
		case fpu == "" || fpu == "s":
			want = "GOARM=5"
		case fpu == "vfp" || strings.Contains(cpu, "arm1176"):
			want = "GOARM=6"
		default:
			want = "GOARM=7"
		}
		if target.setting != want {
			t.Errorf("%s is compiled with %q, want %q", arch, target.setting, want)
		}
	}
}
