// Package tree is the files of one package as they shall lie on a router: paths, modes and contents, in one order.
package tree

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// File is one file, directory or symbolic link. All belong to root.
type File struct {
	Path string      // from the router's root, without a leading slash: etc/config/spinneret
	Mode fs.FileMode // permission bits, with fs.ModeDir or fs.ModeSymlink where it is one
	Data []byte      // of a file
	Link string      // what a symbolic link says
}

// Rule says how the files of a source tree are installed that its pattern (path.Match) names.
type Rule struct {
	Pattern string
	Mode    fs.FileMode // permission bits
	Config  bool        // the owner's to change: upgrades keep it
}

// Load reads a source tree and gives each file the mode of the first rule that names it; the mode on disk depends
// on who checked the source out. It returns the absolute paths of the owner's files too. A file that no rule names,
// or a rule that names no file, is an error.
func Load(source fs.FS, rules []Rule) (files []File, configs []string, err error) {
	used := make([]bool, len(rules))
	err = fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i := slices.IndexFunc(rules, func(r Rule) bool { ok, _ := path.Match(r.Pattern, name); return ok })
		if i < 0 {
			return fmt.Errorf("install %s: no rule says with which mode, add one", name)
		}
		used[i] = true
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		if rules[i].Config {
			configs = append(configs, "/"+name)
		}
		files = append(files, File{Path: name, Mode: rules[i].Mode, Data: data})
		return nil
	})
	if i := slices.Index(used, false); err == nil && i >= 0 {
		err = fmt.Errorf("install %s: there is no such file, take the rule out", rules[i].Pattern)
	}
	return files, configs, err
}

// Complete adds the directories that lead to the files, and sorts all by path, as bytes. A path that stands twice, or
// that could leave the router's root, is an error.
func Complete(files []File) ([]File, error) {
	all := slices.Clone(files)
	have := map[string]bool{}
	for _, f := range files {
		if !fs.ValidPath(f.Path) || f.Path == "." || have[f.Path] {
			return nil, fmt.Errorf("pack %q: a path must be clean, relative and there once", f.Path)
		}
		have[f.Path] = true
	}
	for _, f := range files {
		for dir := path.Dir(f.Path); dir != "." && !have[dir]; dir = path.Dir(dir) {
			have[dir] = true
			all = append(all, File{Path: dir, Mode: fs.ModeDir | 0o755})
		}
	}
	slices.SortFunc(all, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return all, nil
}

// Paths lists files and links, not directories, as absolute paths, one a line.
func Paths(files []File) string {
	var lines []string
	for _, f := range files {
		if !f.Mode.IsDir() {
			lines = append(lines, "/"+f.Path+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
