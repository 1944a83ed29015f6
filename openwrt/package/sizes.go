package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// What a package may weigh, in bytes: on the flash of the routers that have least.
const (
	tightArch  = "mipsel_24kc"
	maxPackage = 4_500_000
	maxBinary  = 12 << 20
)

const (
	lineTables  = ".gopclntab" // ELF sections
	programText = ".text"

	ours      = "spinneret/"
	undivided = "(types, strings: of all together)"
)

// cost is what one module adds to the binary, in bytes.
type cost struct {
	module     string
	code, data int
	lines      int // its share of the tables that lead from code to source lines and to the stack's shape
}

func (c cost) sum() int { return c.code + c.data + c.lines }

// costs divides a binary with symbols among the modules it is built of. Every symbol belongs to a package. Line tables
// have none: they are shared out by the code they describe. What is left has no owner and is given last, so that the
// sum is the size of the stripped binary.
func costs(binary []byte, stripped int) ([]cost, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("measure binary: %w", err)
	}
	file, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("measure binary: %w", err)
	}
	symbols, err := file.Symbols()
	if err != nil {
		return nil, fmt.Errorf("measure binary: %w", err)
	}
	owners, code := owned(file.Sections, symbols, info)
	var list []cost
	rest := stripped
	for _, name := range slices.Sorted(maps.Keys(owners)) {
		c := owners[name]
		if tables := file.Section(lineTables); tables != nil && code > 0 {
			c.lines = int(tables.Size * uint64(c.code) / uint64(code))
		}
		rest -= c.sum()
		list = append(list, *c)
	}
	slices.SortStableFunc(list, func(a, b cost) int { return cmp.Compare(b.sum(), a.sum()) })
	return append(list, cost{module: undivided, data: rest}), nil
}

// owned adds up the symbols that lie in the file and belong to a module, and all of the code.
func owned(sections []*elf.Section, symbols []elf.Symbol, info *buildinfo.BuildInfo) (owners map[string]*cost, code int) {
	owners = map[string]*cost{}
	for _, s := range symbols {
		if int(s.Section) >= len(sections) || sections[s.Section].Type == elf.SHT_NOBITS || sections[s.Section].Name == lineTables {
			continue
		}
		module := moduleOf(s.Name, info)
		if module == "" {
			continue
		}
		if owners[module] == nil {
			owners[module] = &cost{module: module}
		}
		if sections[s.Section].Name == programText {
			owners[module].code += int(s.Size)
			code += int(s.Size)
		} else {
			owners[module].data += int(s.Size)
		}
	}
	return owners, code
}

// moduleOf is the module of a symbol's package: one of our rooms, a dependency, or a part of Go's library. Symbols
// that belong to no package, such as the one all strings lie in, have none.
func moduleOf(symbol string, info *buildinfo.BuildInfo) string {
	for _, prefix := range []string{"type:.eq.", "type:.hash.", "go:itab.", "*"} {
		symbol = strings.TrimPrefix(symbol, prefix)
	}
	if strings.HasPrefix(symbol, "type:") || strings.HasPrefix(symbol, "go:") {
		return ""
	}
	name, types, generic := strings.Cut(symbol, "[")
	if user := owner(types, info); generic && user != "" {
		return user // slices.SortFunc of one of our structures is there because of us
	}
	if i := strings.IndexAny(name, "({,"); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return "go runtime" // assembly without a package
	}
	pkg := strings.ReplaceAll(name[:slash+dot], "%2e", ".")
	if module := owner(pkg, info); module != "" {
		return module
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(pkg, "vendor/"), "/")
	return "go " + first
}

// owner is the room or the dependency that a text of package paths names first, none where all are of Go's library.
func owner(text string, info *buildinfo.BuildInfo) (module string) {
	if i := strings.Index(text, ours); i >= 0 {
		room := text[i+len(ours):]
		if end := strings.IndexFunc(room, func(r rune) bool { return r < 'a' || r > 'z' }); end >= 0 {
			room = room[:end]
		}
		return ours + room
	}
	for _, m := range info.Deps {
		if i := strings.Index(text, m.Path); i >= 0 && (i == 0 || text[i-1] != '/') && len(m.Path) > len(module) {
			module = m.Path
		}
	}
	return module
}

// writeCosts prints a table for people.
func writeCosts(w io.Writer, list []cost) {
	total := 0
	for _, c := range list {
		total += c.sum()
	}
	fmt.Fprintf(w, "%9s %6s %9s %9s %9s  of the binary for %s\n", "bytes", "", "code", "data", "lines", tightArch)
	small := cost{module: "(less than half a per cent each)"}
	line := func(c cost) {
		fmt.Fprintf(w, "%9d %5.1f%% %9d %9d %9d  %s\n", c.sum(), 100*float64(c.sum())/float64(total), c.code, c.data, c.lines, c.module)
	}
	for _, c := range list {
		if c.sum() < total/200 && c.module != undivided && !strings.Contains(c.module, ".") {
			small.code, small.data, small.lines = small.code+c.code, small.data+c.data, small.lines+c.lines
			continue
		}
		line(c)
	}
	line(small)
}
