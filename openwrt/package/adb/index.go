package adb

import (
	"cmp"
	"fmt"
	"slices"
)

// Index writes packages.adb, not compressed and not signed: which packages a feed holds. Each must be in the same
// folder as NAME-VERSION.apk, and its FileSize must be set. The bytes are those of apk mkndx.
func Index(description string, packages []*Built) ([]byte, error) {
	p := newPayload()
	type entry struct {
		name string
		word word
	}
	var entries []entry
	for _, pkg := range packages {
		if pkg.FileSize == 0 {
			return nil, fmt.Errorf("index %s: no size of its file", pkg.Name)
		}
		w, err := p.entry(pkg)
		if err != nil {
			return nil, fmt.Errorf("index %s: %w", pkg.Name, err)
		}
		entries = append(entries, entry{pkg.Name, w})
	}
	about := p.text(description)
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	var list []word
	for i, e := range entries {
		if i > 0 && e.name == entries[i-1].name {
			return nil, fmt.Errorf("index %s: it is there twice, keep one version in a feed", e.name)
		}
		list = append(list, e.word)
	}
	content, err := p.finish(p.object(about, p.object(list...)))
	if err != nil {
		return nil, err
	}
	return appendBlock([]byte(magicPlain+string(SchemaIndex)), blockADB, content)
}

// entry copies what a package says of itself. apk copies the unique id too, and then puts the identity in its place.
func (p *payload) entry(pkg *Built) (word, error) {
	p.copied = true
	slots, err := p.fields(&pkg.Info, pkg.UniqueID)
	if err != nil {
		return 0, err
	}
	if pkg.InstalledSize > 0 {
		slots[infoInstalledSize-1] = p.int(pkg.InstalledSize)
	}
	p.copied = false
	slots[infoFileSize-1] = p.int(pkg.FileSize)
	slots[infoHashes-1] = p.blob(pkg.Identity)
	return p.object(slots[:]...), nil
}
