package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/usign"
)

// The files of a folder of keys. The first two are secrets; the others go onto routers.
const (
	opkgSecret = "opkg.key"
	apkSecret  = "apk.key"
	opkgPublic = "spinneret.pub" // opkg-key add spinneret.pub
	apkPublic  = "spinneret.pem" // into /etc/apk/keys
)

// keys sign feeds.
type keys struct {
	opkg *usign.Key
	apk  *ecdsa.PrivateKey
}

// makeKeys writes new secrets into a folder; it never replaces any: routers know the old ones.
func makeKeys(dir string) error {
	opkg, err := usign.Generate()
	if err != nil {
		return err
	}
	apk, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(apk)
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{opkgSecret, opkg.Private()},
		{apkSecret, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})},
	} {
		if err := writeNew(filepath.Join(dir, f.name), f.data); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make key: %s is there already, and routers may know it: name another folder", path)
	}
	if err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// loadKeys reads the secrets of a folder; no folder is no keys.
func loadKeys(dir string) (*keys, error) {
	if dir == "" {
		return nil, nil
	}
	texts := map[string][]byte{}
	for _, name := range []string{opkgSecret, apkSecret} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("read keys: %w (new ones: make keys KEY=%s)", err, dir)
		}
		texts[name] = text
	}
	opkg, err := usign.ParseKey(texts[opkgSecret])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, opkgSecret), err)
	}
	apk, err := adb.ParseKey(texts[apkSecret])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, apkSecret), err)
	}
	return &keys{opkg, apk}, nil
}

// public are the files for routers.
func (k *keys) public() (feed, error) {
	pem, err := adb.PublicKey(&k.apk.PublicKey)
	return feed{opkgPublic: k.opkg.Public(), apkPublic: pem}, err
}
