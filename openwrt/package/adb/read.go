package adb

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"spinneret/openwrt/package/tree"
)

// MaxFile bounds, in bytes, what Inflate should be let give for a package of ours.
const MaxFile = 64 << 20

// maxEntries bounds what a payload can list: shared values let a short one list without end.
const maxEntries = 1 << 16

// block is one block of a file.
type block struct {
	kind    uint32
	content []byte
}

// readBlocks splits a plain file; the padding must be there, and zero.
func readBlocks(file []byte) (schema Schema, blocks []block, err error) {
	const start = len(magicPlain) + len(SchemaPackage)
	if len(file) < start || string(file[:len(magicPlain)]) != magicPlain {
		return "", nil, errNotPlain
	}
	schema, file = Schema(file[len(magicPlain):start]), file[start:]
	for last := uint32(blockADB); len(file) > 0; {
		if len(file) < 4 {
			return "", nil, errors.New("read ADB: cut off in a block")
		}
		head := binary.LittleEndian.Uint32(file)
		kind, size := head>>blockShift, int(head&maxBlock)
		padded := (size + blockAlign - 1) &^ (blockAlign - 1)
		if size < 4 || padded > len(file) || len(bytes.Trim(file[size:padded], "\x00")) > 0 {
			return "", nil, fmt.Errorf("read ADB: a block of %d bytes, %d are left", size, len(file))
		}
		if first := len(blocks) == 0; kind > blockDATA || kind < last || first != (kind == blockADB) {
			return "", nil, fmt.Errorf("read ADB: a block of type %d after type %d", kind, last)
		}
		blocks, last, file = append(blocks, block{kind, file[4:size]}), kind, file[padded:]
	}
	if len(blocks) == 0 || len(blocks[0].content) < 2*headerSize || blocks[0].content[0] != 0 {
		return "", nil, errors.New("read ADB: no first block of version 0")
	}
	return schema, blocks, nil
}

// Read takes a plain package apart and checks it: its unique id, and every file against its size and hash.
func Read(file []byte) (*Package, *Built, error) {
	schema, blocks, err := readBlocks(file)
	if err != nil {
		return nil, nil, err
	}
	if schema != SchemaPackage {
		return nil, nil, fmt.Errorf("read ADB: schema %q is no package", schema)
	}
	content := blocks[0].content
	v := &values{buf: content}
	pkg, id, expected := v.pkg()
	if v.err != nil {
		return nil, nil, v.err
	}
	data := blocks[1:]
	for len(data) > 0 && data[0].kind == blockSIG {
		data = data[1:]
	}
	if err := fill(pkg.Files, expected, data); err != nil {
		return nil, nil, err
	}
	identity := sha256.Sum256(content)
	built := &Built{Info: pkg.Info, UniqueID: id, Identity: identity[:], File: file}
	return pkg, built, checkUniqueID(content, id)
}

// checkUniqueID hashes the payload as it was before the id was put in.
func checkUniqueID(content, id []byte) error {
	before := bytes.Replace(content, id, make([]byte, len(id)), 1)
	if sum := sha256.Sum256(before); len(id) != uniqueIDSize || !bytes.Equal(sum[:uniqueIDSize], id) {
		return fmt.Errorf("read ADB: the unique id %x is not that of the content", id)
	}
	return nil
}

// Packages lists an index, with names and sizes of files in Info, and identities in Identity.
func Packages(index []byte) (description string, packages []*Built, err error) {
	schema, blocks, err := readBlocks(index)
	if err != nil {
		return "", nil, err
	}
	if schema != SchemaIndex {
		return "", nil, fmt.Errorf("read ADB: schema %q is no index", schema)
	}
	v := &values{buf: blocks[0].content}
	root := v.object(word(binary.LittleEndian.Uint32(v.buf[4:])), 3)
	for _, w := range v.entries(root(2)) {
		info, id := v.info(w)
		packages = append(packages, &Built{Info: info, Identity: id})
	}
	return v.text(root(1)), packages, v.err
}

// Verify reports whether a plain file carries a good signature of a key.
func Verify(file []byte, key *ecdsa.PublicKey) error {
	schema, blocks, err := readBlocks(file)
	if err != nil {
		return err
	}
	id, err := keyID(key)
	if err != nil {
		return err
	}
	for _, b := range blocks[1:] {
		if b.kind != blockSIG || len(b.content) < signatureHeader || b.content[1] != hashSHA512 || !bytes.Equal(b.content[2:signatureHeader], id) {
			continue
		}
		header, signature := b.content[:signatureHeader], b.content[signatureHeader:]
		if ecdsa.VerifyASN1(key, signed(schema, header, blocks[0].content), signature) {
			return nil
		}
	}
	return fmt.Errorf("verify: no good signature by the key %x", id)
}

// pkg reads the whole payload of a package: its unique id, and the hash of each file that has one.
func (v *values) pkg() (pkg *Package, id []byte, hashes map[string]expectation) {
	root := v.object(word(binary.LittleEndian.Uint32(v.buf[4:])), 5)
	pkg = &Package{Scripts: map[string]string{}, ReplacesPriority: v.int(root(5))}
	pkg.Info, id = v.info(root(1))
	scripts := v.object(root(3), len(scriptNames))
	for i, name := range scriptNames {
		if text := v.text(scripts(i + 1)); text != "" {
			pkg.Scripts[name] = text
		}
	}
	for _, w := range v.entries(root(4)) {
		pkg.Triggers = append(pkg.Triggers, v.text(w))
	}
	hashes = map[string]expectation{}
	for i, w := range v.entries(root(2)) {
		v.directory(pkg, hashes, i+1, w)
	}
	return pkg, id, hashes
}

// expectation is what a file's data must be.
type expectation struct {
	dir, file int // its place, from 1
	size      uint64
	hash      []byte
}

func (v *values) directory(pkg *Package, hashes map[string]expectation, place int, w word) {
	dir := v.object(w, 3)
	name := v.text(dir(1))
	if name != "" {
		pkg.Files = append(pkg.Files, tree.File{Path: name, Mode: fs.ModeDir | v.mode(dir(2))})
	}
	for i, w := range v.entries(dir(3)) {
		file := v.object(w, 6)
		f := tree.File{Path: path.Join(name, v.text(file(1))), Mode: v.mode(file(2))}
		if target := v.blob(file(6)); len(target) > 2 && binary.LittleEndian.Uint16(target) == linkTarget {
			f.Mode, f.Link = f.Mode|fs.ModeSymlink, string(target[2:])
		} else {
			hashes[f.Path] = expectation{place, i + 1, v.int(file(3)), v.blob(file(5))}
		}
		if pkg.Time = int64(v.int(file(4))); len(pkg.Files) > maxEntries || !fs.ValidPath(f.Path) {
			v.fail("file %d is %.80q", len(pkg.Files), f.Path)
			return
		}
		pkg.Files = append(pkg.Files, f)
	}
}

func (v *values) mode(w word) fs.FileMode { return fs.FileMode(v.int(v.object(w, 4)(1))).Perm() }

// entries is a list that is bounded.
func (v *values) entries(w word) []word {
	list := v.list(w)
	if len(list) > maxEntries {
		v.fail("a list of %d entries", len(list))
		return nil
	}
	return list
}

func (v *values) info(w word) (i Info, hash []byte) {
	f := v.object(w, infoFields)
	i = Info{
		Name: v.text(f(infoName)), Version: v.text(f(infoVersion)), Description: v.text(f(infoDescription)), Arch: v.text(f(infoArch)),
		License: v.text(f(infoLicense)), Origin: v.text(f(infoOrigin)), Maintainer: v.text(f(infoMaintainer)), URL: v.text(f(infoURL)),
		InstalledSize: v.int(f(infoInstalledSize)), FileSize: v.int(f(infoFileSize)), ProviderPriority: v.int(f(infoProviderPriority)),
		Depends: v.dependencies(f(infoDepends)), Provides: v.dependencies(f(infoProvides)), Replaces: v.dependencies(f(infoReplaces)),
	}
	for _, w := range v.entries(f(infoTags)) {
		i.Tags = append(i.Tags, v.text(w))
	}
	return i, v.blob(f(infoHashes))
}

func (v *values) dependencies(w word) (texts []string) {
	for _, w := range v.entries(w) {
		d := v.object(w, 3)
		texts = append(texts, dependency{v.text(d(1)), v.text(d(2)), v.int(d(3))}.String())
	}
	return texts
}

// fill gives each file its data block. The blocks must be those that the files want, in their order, and no more.
func fill(files []tree.File, expected map[string]expectation, data []block) error {
	for i := range files {
		f := &files[i]
		want, ok := expected[f.Path]
		if !ok || want.size == 0 {
			continue
		}
		if len(data) == 0 {
			return fmt.Errorf("read ADB: no data for %s", f.Path)
		}
		place := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(want.dir)), uint32(want.file))
		content, ok := bytes.CutPrefix(data[0].content, place)
		if sum := sha256.Sum256(content); !ok || uint64(len(content)) != want.size || !bytes.Equal(sum[:], want.hash) {
			return fmt.Errorf("read ADB: the data for %s is not what was packed", f.Path)
		}
		f.Data, data = content, data[1:]
	}
	if len(data) > 0 {
		return fmt.Errorf("read ADB: %d blocks of data too many", len(data))
	}
	return nil
}
