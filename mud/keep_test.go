package mud

import (
	"encoding/json"
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAPolicyIsKeptAsItIs: rules are put back after a reboot from what was written down.
func TestAPolicyIsKeptAsItIs(t *testing.T) {
	data, err := os.ReadFile("testdata/all.json")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := Parse(data)
	if f == nil {
		t.Fatal("the file is refused")
	}
	type kept struct {
		Policy Policy
		Sets   map[Endpoint]int
	}
	was := kept{f.Compile(false), map[Endpoint]int{
		{Kind: Prefix, Prefix: netip.MustParsePrefix("2001:db8::/32")}: 1, {Kind: Name, Name: "*.a.example"}: 2, {Kind: LocalNetworks}: 3,
	}}
	written, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	var is kept
	if err := json.Unmarshal(written, &is); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(was, is, cmp.Comparer(func(a, b URL) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}
