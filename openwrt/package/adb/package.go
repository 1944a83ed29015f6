package adb

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"spinneret/openwrt/package/tree"
)

const (
	uniqueIDSize = 20
	linkTarget   = 0xa000 // before a symbolic link's text
)

// scriptNames are the fields of the scripts object, from 1.
var scriptNames = [...]string{"trigger", "pre-install", "post-install", "pre-deinstall", "post-deinstall", "pre-upgrade", "post-upgrade"}

// Package is one package before it is written.
type Package struct {
	Info
	Files            []tree.File       // with all their directories: tree.Complete
	Scripts          map[string]string // post-install, post-upgrade, pre-deinstall, … → text
	Triggers         []string
	ReplacesPriority uint64
	Time             int64 // seconds since 1970, of every file
}

// Built is a package in bytes, not compressed and not signed.
type Built struct {
	Info
	UniqueID []byte // 20 bytes: what apk calls the package when it is installed from a file
	Identity []byte // SHA-256: what it is called in an index
	File     []byte
}

// Build writes a package. The same package gives the same bytes, and those are the bytes of apk mkpkg.
func Build(pkg *Package) (*Built, error) {
	if err := pkg.validate(); err != nil {
		return nil, err
	}
	built := &Built{Info: pkg.Info}
	for _, f := range pkg.Files {
		built.InstalledSize += uint64(len(f.Data))
	}
	if built.InstalledSize == 0 && len(pkg.Files)+len(pkg.Scripts) > 0 {
		built.InstalledSize = 1 // apk takes 0 for a package that holds nothing, and unpacks none of it
	}
	p := newPayload()
	root, idAt, err := p.root(pkg, built.InstalledSize)
	if err != nil {
		return nil, err
	}
	content, err := p.finish(root)
	if err != nil {
		return nil, err
	}
	whole := sha256.Sum256(content)
	copy(content[idAt:], whole[:uniqueIDSize])
	built.UniqueID = whole[:uniqueIDSize]
	identity := sha256.Sum256(content)
	built.Identity = identity[:]
	built.File, err = blocks(pkg, content)
	return built, err
}

// root writes everything, in the order of apk mkpkg, and says where the unique id goes.
func (p *payload) root(pkg *Package, size uint64) (root word, idAt int, err error) {
	info, err := p.fields(&pkg.Info, nil)
	if err != nil {
		return 0, 0, err
	}
	priority := word(0)
	if pkg.ReplacesPriority != 0 {
		priority = p.int(pkg.ReplacesPriority)
	}
	var paths []word
	for _, dir := range directories(pkg.Files) {
		paths = append(paths, p.directory(dir, pkg.Time))
	}
	if size > 0 {
		info[infoInstalledSize-1] = p.int(size)
	}
	idAt = p.fresh(1, append([]byte{uniqueIDSize}, make([]byte, uniqueIDSize)...))
	info[infoHashes-1] = at(typeBlob8, idAt)
	infoWord, pathsWord := p.object(info[:]...), p.object(paths...)
	scripts, err := p.scripts(pkg.Scripts)
	if err != nil {
		return 0, 0, fmt.Errorf("package %s: %w", pkg.Name, err)
	}
	return p.object(infoWord, pathsWord, scripts, p.texts(pkg.Triggers), priority), idAt + 1, nil
}

func (p *payload) scripts(texts map[string]string) (word, error) {
	var words [len(scriptNames)]word
	for name := range texts {
		if !slices.Contains(scriptNames[:], name) {
			return 0, fmt.Errorf("script %q: apk knows %q", name, scriptNames)
		}
	}
	for i, name := range scriptNames {
		words[i] = p.text(texts[name])
	}
	return p.object(words[:]...), nil
}

// directory is one entry of paths, with the files in it.
type directory struct {
	tree.File
	files []tree.File
}

// directories are the root and all others, sorted by path, with their files sorted by name.
func directories(files []tree.File) []directory {
	dirs := []directory{{File: tree.File{Mode: fs.ModeDir | 0o755}}}
	for _, f := range files {
		if f.Mode.IsDir() {
			dirs = append(dirs, directory{File: f})
		}
	}
	slices.SortFunc(dirs, func(a, b directory) int { return cmp.Compare(a.Path, b.Path) })
	for _, f := range files {
		parent := path.Dir(f.Path)
		if parent == "." {
			parent = ""
		}
		i, ok := slices.BinarySearchFunc(dirs, parent, func(d directory, want string) int { return cmp.Compare(d.Path, want) })
		if ok && !f.Mode.IsDir() {
			dirs[i].files = append(dirs[i].files, f)
		}
	}
	for i := range dirs {
		slices.SortFunc(dirs[i].files, func(a, b tree.File) int { return cmp.Compare(path.Base(a.Path), path.Base(b.Path)) })
	}
	return dirs
}

func (p *payload) directory(d directory, mtime int64) word {
	var files []word
	for _, f := range d.files {
		files = append(files, p.file(f, mtime))
	}
	name, acl := p.text(d.Path), p.acl(d.Mode)
	return p.object(name, acl, p.object(files...))
}

func (p *payload) file(f tree.File, mtime int64) word {
	name, size := p.text(path.Base(f.Path)), len(f.Data)
	var hash, target word
	if f.Mode&fs.ModeSymlink != 0 {
		target = p.blob(append(binary.LittleEndian.AppendUint16(nil, linkTarget), f.Link...))
		size = len(f.Link)
	} else {
		sum := sha256.Sum256(f.Data)
		hash = p.blob(sum[:])
	}
	when := p.int(uint64(mtime))
	return p.object(name, p.acl(f.Mode), p.int(uint64(size)), when, hash, target)
}

// acl gives everything to root. Names, not numbers, are resolved while unpacking: any other user would not be there yet.
func (p *payload) acl(mode fs.FileMode) word {
	return p.object(p.int(uint64(mode.Perm())), p.text("root"), p.text("root"))
}

// blocks writes the payload and then each file's content, with its place in paths, counted from 1.
func blocks(pkg *Package, content []byte) ([]byte, error) {
	out, err := appendBlock([]byte(magicPlain+string(SchemaPackage)), blockADB, content)
	if err != nil {
		return nil, err
	}
	for i, dir := range directories(pkg.Files) {
		for j, f := range dir.files {
			if len(f.Data) == 0 {
				continue
			}
			place := binary.LittleEndian.AppendUint32(nil, uint32(i+1))
			place = binary.LittleEndian.AppendUint32(place, uint32(j+1))
			if out, err = appendBlock(out, blockDATA, place, f.Data); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
