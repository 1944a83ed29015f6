package ipk

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Entry is one package of a feed.
type Entry struct {
	Control  Control // as Build left it
	Filename string  // beside the list
	File     []byte
}

// Name is the file name that opkg's own tools would give a package.
func Name(c *Control) string {
	return fmt.Sprintf("%s_%s_%s.ipk", c.Package, c.Version, c.Architecture)
}

// List writes a feed's Packages: what opkg update fetches. It is what the feed's signature is made of.
func List(entries []Entry) (string, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Control.Package, b.Control.Package) })
	var out strings.Builder
	for _, e := range entries {
		where := fmt.Sprintf("Filename: %s\nSize: %d\nSHA256sum: %x\n", e.Filename, len(e.File), sha256.Sum256(e.File))
		text, err := e.Control.text(where)
		if err != nil {
			return "", fmt.Errorf("list %s: %w", e.Filename, err)
		}
		out.WriteString(text + "\n")
	}
	return out.String(), nil
}
