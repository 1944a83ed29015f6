package lmo_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/package/lmo"
)

// TestHashesAreLuCIs: these stand in archives that OpenWrt ships, but for the last three, which po2lmo of OpenWrt 25.12
// gave for texts that end in bytes above 127.
func TestHashesAreLuCIs(t *testing.T) {
	for text, want := range map[string]uint32{
		"": 0, "Save": 0x219966c7, "Cancel": 0xae5deb3a, "Network": 0xe54695b9, "Hostname": 0xd5a3a8d6, "Interface": 0xd3e54c60,
		"Reboot": 0xc755ff17, "Save & Apply": 0x610beed4, "Größe": 0xf057b2cf, "Aü": 0xad758169, "abcü": 0x4c5310aa,
	} {
		if got := lmo.Hash(text); got != want {
			t.Errorf("%q: %08x, want %08x", text, got, want)
		}
	}
}

const catalogue = `# what is about the catalogue is none of its texts
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8"

msgid "Save"
msgstr "Speichern"

#: view.js:12
msgid "say \"%s\" "
"and \\ go"
msgstr ""
"„%s“ "
"sagen"

msgid "not yet"
msgstr ""

msgid "Name"
msgstr "Name"
`

func TestAnArchiveHasWhatIsTranslated(t *testing.T) {
	archive, err := lmo.Compile(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint32]string{lmo.Hash("Save"): "Speichern", lmo.Hash(`say "%s" and \ go`): "„%s“ sagen"}
	if diff := cmp.Diff(want, read(t, archive)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// read is what LuCI finds in an archive, which it searches by halves.
func read(t *testing.T, archive []byte) map[uint32]string {
	t.Helper()
	word := func(at int) uint32 { return binary.BigEndian.Uint32(archive[at:]) }
	found, last := map[uint32]string{}, uint32(0)
	for at := int(word(len(archive) - 4)); at < len(archive)-4; at += 16 {
		hash, offset, length := word(at), word(at+8), word(at+12)
		if hash <= last || word(at+4) != 1 || offset%4 != 0 {
			t.Errorf("at %d: hash %08x after %08x, %d, offset %d", at, hash, last, word(at+4), offset)
		}
		found[hash], last = string(archive[offset:offset+length]), hash
	}
	return found
}

func TestWhatPo2lmoWouldMisreadIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"msgid \"a\\n\"":                "line 1: \"a\\n\" must be in quotes",
		"msgid \"a":                     "must be in quotes",
		"\n\"a\"":                       "line 2: want msgid",
		"msgstr \"a\"":                  "line 1: want msgid",
		"msgctxt \"menu\"\nmsgid \"a\"": "line 1: want msgid",
	} {
		if _, err := lmo.Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
