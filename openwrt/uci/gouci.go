package uci

import (
	"path/filepath"

	gouci "github.com/digineo/go-uci/v2"
)

// readBack replaces the scan's values with those that go-uci reads from the file, section by section. Sections and
// options that go-uci does not have, or has in another number, keep the scan's.
func (f *file) readBack(path string) {
	tree, config := gouci.NewTree(filepath.Dir(path)), filepath.Base(path)
	if tree.LoadConfig(config, false) != nil {
		return
	}
	for i := range f.sections {
		s := &f.sections[i]
		if s.name == "" {
			continue
		}
		for name, entries := range s.byName() {
			values, ok := tree.Get(config, s.name, name)
			if !ok || len(values) != len(entries) {
				continue
			}
			for j, e := range entries {
				e.value = values[j]
			}
		}
	}
}

// byName groups the entries of a section.
func (s *section) byName() map[string][]*entry {
	groups := map[string][]*entry{}
	for i := range s.entries {
		e := &s.entries[i]
		groups[e.name] = append(groups[e.name], e)
	}
	return groups
}
