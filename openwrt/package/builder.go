package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// builder makes feeds for one architecture after the other, and remembers what several of them share.
type builder struct {
	release
	root     string
	keys     *keys // nil: nothing is signed
	binaries map[target][]byte
	luci     []*packed // for every router: the views and their translations
	tight    *packed   // the package that the limits are for
	stdout   io.Writer
}

// all makes the feeds of several architectures below a folder.
func (b *builder) all(ctx context.Context, archs []string, out string) error {
	for _, c := range append([]content{luciPackage}, translations...) {
		p, err := b.pack(&c, "", nil)
		if err != nil {
			return err
		}
		b.luci = append(b.luci, p)
	}
	for _, arch := range archs {
		if err := b.one(ctx, arch, out); err != nil {
			return err
		}
	}
	if b.keys == nil {
		fmt.Fprintln(b.stdout, "The feeds are not signed: no KEY=FOLDER was given. Single packages can be installed; routers do not take the feeds.")
		return nil
	}
	public, err := b.keys.public()
	if err != nil {
		return err
	}
	return public.write(out)
}

// one makes the two feeds of one architecture.
func (b *builder) one(ctx context.Context, arch, out string) error {
	binary, err := b.binary(ctx, architectures[arch])
	if err != nil {
		return err
	}
	agent, err := b.pack(&agentPackage, arch, binary)
	if err != nil {
		return err
	}
	if arch == tightArch {
		b.tight = agent
	}
	fmt.Fprintf(b.stdout, "%-26s binary %9d   ipk %8d   apk %8d\n", arch, len(binary), len(agent.ipk.File), len(agent.apk.File))
	packages := append([]*packed{agent}, b.luci...)
	opkg, err := opkgFeed(packages, b.keys)
	if err != nil {
		return err
	}
	apk, err := apkFeed(packages, b.keys)
	if err != nil {
		return err
	}
	if err := opkg.write(filepath.Join(out, opkgFolder, arch)); err != nil {
		return err
	}
	return apk.write(filepath.Join(out, apkFolder, arch))
}

// binary compiles for a target, once.
func (b *builder) binary(ctx context.Context, t target) ([]byte, error) {
	if have, ok := b.binaries[t]; ok {
		return have, nil
	}
	binary, err := compile(ctx, b.root, t, false)
	b.binaries[t] = binary
	return binary, err
}

// report says what each dependency costs, and fails where the tightest package weighs too much.
func (b *builder) report(ctx context.Context) error {
	if b.tight == nil {
		return nil
	}
	t := architectures[tightArch]
	symbols, err := compile(ctx, b.root, t, true)
	if err != nil {
		return err
	}
	list, err := costs(symbols, len(b.binaries[t]))
	if err != nil {
		return err
	}
	writeCosts(b.stdout, list)
	return weigh(len(b.tight.ipk.File), len(b.binaries[t]))
}

// weigh refuses what is too large, in bytes.
func weigh(pkg, binary int) error {
	if pkg > maxPackage {
		return fmt.Errorf("the package for %s has %d bytes, %d are allowed: see above what costs most", tightArch, pkg, maxPackage)
	}
	if binary > maxBinary {
		return fmt.Errorf("the binary for %s has %d bytes, %d are allowed: see above what costs most", tightArch, binary, maxBinary)
	}
	return nil
}
