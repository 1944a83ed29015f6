package main

import (
	"fmt"
	"slices"
	"strings"
)

// target is what Go compiles for: one binary, which several of OpenWrt's architectures share.
type target struct {
	goarch  string
	setting string // GOARM=5 and the like, which leave no choice to the machine that builds
}

// The targets. Where routers have no FPU, or not all of a family have it, floating point is done in software: it costs
// nothing that can be measured here.
var (
	amd64    = target{"amd64", "GOAMD64=v1"}
	x86      = target{"386", "GO386=sse2"}
	x86soft  = target{"386", "GO386=softfloat"}
	arm64    = target{"arm64", "GOARM64=v8.0"}
	arm7     = target{"arm", "GOARM=7"}
	arm6     = target{"arm", "GOARM=6"}
	arm5     = target{"arm", "GOARM=5"}
	mips     = target{"mips", "GOMIPS=softfloat"}
	mipsle   = target{"mipsle", "GOMIPS=softfloat"}
	mipsleHF = target{"mipsle", "GOMIPS=hardfloat"}
	mips64   = target{"mips64", "GOMIPS64=softfloat"}
	mips64le = target{"mips64le", "GOMIPS64=softfloat"}
	riscv64  = target{"riscv64", "GORISCV64=rva20u64"}
	loong64  = target{"loong64", ""}
)

// architectures are OpenWrt's, by the exact names that opkg and apk compare. powerpc, armeb and arc have no Go port.
var architectures = map[string]target{
	"x86_64":                    amd64,
	"i386_pentium4":             x86,
	"i386_pentium-mmx":          x86soft,
	"aarch64_cortex-a53":        arm64,
	"aarch64_cortex-a72":        arm64,
	"aarch64_cortex-a76":        arm64,
	"aarch64_generic":           arm64,
	"arm_cortex-a7_neon-vfpv4":  arm7,
	"arm_cortex-a15_neon-vfpv4": arm7,
	"arm_cortex-a9_neon":        arm7,
	"arm_cortex-a9_vfpv3-d16":   arm7,
	"arm_cortex-a8_vfpv3":       arm7,
	"arm_cortex-a5_vfpv4":       arm7,
	"arm_cortex-a7_vfpv4":       arm7,
	"arm_arm1176jzf-s_vfp":      arm6,
	"arm_cortex-a9":             arm5,
	"arm_cortex-a7":             arm5,
	"arm_arm926ej-s":            arm5,
	"arm_xscale":                arm5,
	"arm_fa526":                 arm5,
	"mips_24kc":                 mips,
	"mips_4kec":                 mips,
	"mips_mips32":               mips,
	"mipsel_24kc":               mipsle,
	"mipsel_74kc":               mipsle,
	"mipsel_mips32":             mipsle,
	"mipsel_24kc_24kf":          mipsleHF,
	"mips64_octeonplus":         mips64,
	"mips64_mips64r2":           mips64,
	"mips64el_mips64r2":         mips64le,
	"riscv64_riscv64":           riscv64,
	"loongarch64_generic":       loong64,
}

// common are the four that make packages builds: most home routers of today (mt7621, filogic and qualcommax, ipq40xx)
// and the virtual machine.
var common = []string{"mipsel_24kc", "aarch64_cortex-a53", "arm_cortex-a7_neon-vfpv4", "x86_64"}

// choose reads a list of architectures: names with commas between, or all, or nothing for the common ones.
func choose(list string) ([]string, error) {
	var names []string
	switch list {
	case "":
		names = slices.Clone(common)
	case "all":
		for name := range architectures {
			names = append(names, name)
		}
	default:
		names = strings.Split(list, ",")
	}
	slices.Sort(names)
	for _, name := range names {
		if _, ok := architectures[name]; !ok {
			return nil, fmt.Errorf("architecture %q: say what opkg print-architecture or apk --print-arch says on the router, for example %s", name, common[0])
		}
	}
	return slices.Compact(names), nil
}
