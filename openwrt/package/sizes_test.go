package main

import (
	"bytes"
	"debug/buildinfo"
	"runtime/debug"
	"strings"
	"testing"
)

// TestWhatIsPrintedAddsUp: the parts of the binary are the whole binary, and the rooms and dependencies are there.
func TestWhatIsPrintedAddsUp(t *testing.T) {
	symbols, err := compile(t.Context(), root, architectures[tightArch], true)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := compile(t.Context(), root, architectures[tightArch], false)
	if err != nil {
		t.Fatal(err)
	}
	stripped := len(binary)
	list, err := costs(symbols, stripped)
	if err != nil {
		t.Fatal(err)
	}
	sum, names := 0, " "
	for _, c := range list {
		sum += c.sum()
		names += c.module + " "
		if c.code < 0 || c.data < 0 || c.lines < 0 {
			t.Errorf("%+v", c)
		}
	}
	if sum != stripped {
		t.Errorf("the parts are %d bytes of %d", sum, stripped)
	}
	if left := list[len(list)-1]; left.module != undivided || left.sum() > stripped/5 {
		t.Errorf("%d bytes of %s: want less than a fifth without an owner", left.sum(), left.module)
	}
	for _, want := range []string{"spinneret/capture", "spinneret/openwrt", "github.com/google/nftables", "github.com/gorilla/websocket", "go runtime", "go crypto"} {
		if !strings.Contains(names, " "+want+" ") {
			t.Errorf("no %s in%s", want, names)
		}
	}
	for _, left := range []string{"encoding/gob.(*decBuffer)", "golang.org/x/text/unicode/norm", "net/http.(*Transport)"} {
		if bytes.Contains(symbols, []byte(left)) {
			t.Errorf("%s is in the program again", left)
		}
	}
	if strings.Contains(names, "openwrt/lab") || !strings.Contains(packages(t).said, "github.com/google/nftables") {
		t.Errorf("the table was not printed:\n%s", packages(t).said)
	}
}

func TestSymbolsBelongToModules(t *testing.T) {
	info := &buildinfo.BuildInfo{Deps: []*debug.Module{{Path: "github.com/google/nftables"}, {Path: "golang.org/x/net"}, {Path: "gopkg.in/yaml.v3"}}}
	for symbol, want := range map[string]string{
		"spinneret/capture/names.(*Table).Add":                                               "spinneret/capture",
		"github.com/google/nftables/expr.(*Lookup).marshal":                                  "github.com/google/nftables",
		"gopkg.in/yaml%2ev3.Marshal":                                                         "gopkg.in/yaml.v3",
		"vendor/golang.org/x/net/idna.lookup":                                                "go golang.org",
		"golang.org/x/net/dns/dnsmessage.(*Parser).Start":                                    "golang.org/x/net",
		"type:.eq.spinneret/ui.Device":                                                       "spinneret/ui",
		"slices.pdqsortCmpFunc[go.shape.struct { spinneret/openwrt/firewall.mac [6]uint8 }]": "spinneret/openwrt",
		"slices.pdqsortCmpFunc[go.shape.int]":                                                "go slices",
		"encoding/json.Marshal":                                                              "go encoding",
		"memeqbody":                                                                          "go runtime",
		"go:string.*":                                                                        "",
		"type:*":                                                                             "",
	} {
		if got := moduleOf(symbol, info); got != want {
			t.Errorf("%s is of %q, want %q", symbol, got, want)
		}
	}
}

func TestTooLargeFails(t *testing.T) {
	if err := weigh(maxPackage, maxBinary); err != nil {
		t.Error(err)
	}
	if err := weigh(maxPackage+1, maxBinary); err == nil || !strings.Contains(err.Error(), "4500000") {
		t.Errorf("a package of a byte too many: %v", err)
	}
	if err := weigh(maxPackage, maxBinary+1); err == nil || !strings.Contains(err.Error(), "12582912") {
		t.Errorf("a binary of a byte too many: %v", err)
	}
}
