package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/ipk"
)

// The folders of the two kinds of feed, by the OpenWrt that reads them.
const (
	opkgFolder = "opkg-24.10"
	apkFolder  = "apk-25.12"
)

// feed is a folder's files by name.
type feed map[string][]byte

// opkgFeed is a feed of opkg's: the packages, the list of them, and its signature where there is a key.
func opkgFeed(packages []*packed, k *keys) (feed, error) {
	files, entries := feed{}, []ipk.Entry(nil)
	for _, p := range packages {
		entries = append(entries, p.ipk)
		files[p.ipk.Filename] = p.ipk.File
	}
	list, err := ipk.List(entries)
	if err != nil {
		return nil, err
	}
	files["Packages"] = []byte(list)
	if files["Packages.gz"], err = zip([]byte(list)); err != nil {
		return nil, err
	}
	if k != nil {
		files["Packages.sig"] = k.opkg.Sign([]byte(list))
	}
	return files, nil
}

// apkFeed is a feed of apk's. The packages themselves are not signed: apk trusts those that a signed index names.
func apkFeed(packages []*packed, k *keys) (feed, error) {
	files, built := feed{}, []*adb.Built(nil)
	for _, p := range packages {
		built = append(built, p.apk)
		files[p.apk.Name+"-"+p.apk.Version+".apk"] = p.apk.File
	}
	index, err := adb.Index("Spinneret", built)
	if err != nil {
		return nil, err
	}
	if k != nil {
		if index, err = adb.Sign(index, k.apk); err != nil {
			return nil, err
		}
	}
	files["packages.adb"], err = adb.Deflate(index)
	return files, err
}

func zip(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// write puts the files into a folder, which it makes.
func (f feed) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write feed: %w", err)
	}
	for name, data := range f {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return fmt.Errorf("write feed: %w", err)
		}
	}
	return nil
}
