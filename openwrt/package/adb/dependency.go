package adb

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// How a dependency's version is compared; the operators of apk are sums of these.
const (
	matchEqual    = 1 // =, and what is meant where nothing is written
	matchLess     = 2 // <
	matchGreater  = 4 // >
	matchFuzzy    = 8 // ~, which sets equal too
	matchConflict = 16
	matchAny      = matchEqual | matchLess | matchGreater
)

var (
	nameText       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+._-]*$`)
	dependencyText = regexp.MustCompile(`^(!?)([A-Za-z0-9][A-Za-z0-9+._,:/\[\]-]*)(?:([<>=~]+)([^<>=~\s]+))?$`)
	versionText    = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?(-r[0-9]+)?$`)
)

// dependency is one entry of depends, provides or replaces.
type dependency struct {
	name, version string
	match         uint64
}

// parseDependency reads what apk's tools take: libc, libc>=1.2, !other, alias=1.0.
func parseDependency(text string) (dependency, error) {
	m := dependencyText.FindStringSubmatch(text)
	if m == nil {
		return dependency{}, fmt.Errorf("dependency %q: write NAME, !NAME or NAME>=VERSION", text)
	}
	d := dependency{name: m[2], version: m[4]}
	for _, operator := range m[3] {
		d.match |= map[rune]uint64{'=': matchEqual, '<': matchLess, '>': matchGreater, '~': matchFuzzy | matchEqual}[operator]
	}
	if d.version != "" && d.match != matchLess|matchGreater && !versionText.MatchString(d.version) {
		return dependency{}, fmt.Errorf("dependency %q: %q is no version", text, d.version)
	}
	if m[1] == "!" {
		if d.version == "" {
			d.match = matchAny
		}
		d.match |= matchConflict
	}
	return d, nil
}

// parseDependencies refuses one name twice: without a version beside one with, apk has no order for them.
func parseDependencies(texts []string) (all []dependency, err error) {
	seen := map[string]bool{}
	for _, text := range texts {
		d, err := parseDependency(text)
		if err != nil {
			return nil, err
		}
		if seen[d.name] {
			return nil, fmt.Errorf("dependency %q stands twice: say it once", d.name)
		}
		seen[d.name] = true
		all = append(all, d)
	}
	return all, nil
}

// dependencies writes a list, sorted by name as the format wants. What it consists of lies in the order in which it
// was given to mkpkg; mkndx copies it from what is sorted already.
func (p *payload) dependencies(texts []string) (word, error) {
	all, err := parseDependencies(texts)
	if err != nil {
		return 0, err
	}
	byName := func(a, b dependency) int { return cmp.Compare(a.name, b.name) }
	if p.copied {
		slices.SortFunc(all, byName)
	}
	words := map[string]word{}
	for _, d := range all {
		name, version, match := p.text(d.name), p.text(d.version), word(0)
		if d.match != 0 && d.match != matchEqual {
			match = p.int(d.match)
		}
		words[d.name] = p.object(name, version, match)
	}
	slices.SortFunc(all, byName)
	var list []word
	for _, d := range all {
		list = append(list, words[d.name])
	}
	return p.object(list...), nil
}

// String is the text that parseDependency reads.
func (d dependency) String() string {
	var text strings.Builder
	match := d.match
	if match&matchConflict != 0 {
		text.WriteByte('!')
		match &^= matchConflict
	}
	text.WriteString(d.name)
	if d.version == "" {
		return text.String()
	}
	if match == 0 {
		match = matchEqual
	}
	for _, o := range []struct {
		bit  uint64
		sign string
	}{{matchGreater, ">"}, {matchLess, "<"}, {matchFuzzy, "~"}, {matchEqual, "="}} {
		if match&o.bit != 0 && (o.bit != matchEqual || match&matchFuzzy == 0) {
			text.WriteString(o.sign)
		}
	}
	return text.String() + d.version
}
