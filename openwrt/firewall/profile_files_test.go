package firewall

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spinneret/mud"
	"spinneret/openwrt/lab/expect"
)

// abstractions are files of NIST's, one for each way of RFC 8520 to name a party.
var abstractions = []string{
	"mud-controllerclass-test", "mud-dns-test", "mud-local-networks-test", "mud-mfg-test", "mud-model-test",
	"mud-mycontrollerclass-test", "mud-same-manufacturer-test", "mud-tcp-direction-test",
}

var ofDevice = regexp.MustCompile(`(?m)^table .*|^\tchain mud_(from|to)_[^}]*}`)

// TestRulesOfEachAbstraction: the rules of a file as an administrator reads them, without the sets that they ask.
func TestRulesOfEachAbstraction(t *testing.T) {
	ns := newNS(t)
	f := open(t, ns)
	for _, name := range abstractions {
		files, err := filepath.Glob(expect.ThirdParty(t, "mud", "usnistgov__nist-mud", "test", "unittest", name, "mudfile-*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		file, found := mud.Parse(data)
		if file == nil {
			t.Fatal(found)
		}
		p := profiled(file.Compile(false), Enforce)
		for _, e := range p.endpoints() {
			switch e.Kind {
			case mud.Manufacturer, mud.Model, mud.SameManufacturer, mud.MyController, mud.Controller:
				if wellKnown[e.Name] == "" {
					p.Sets[e] = Party{Prefixes: members("192.168.1.9").Prefixes, MACs: [][6]byte{bulb}}
				}
			}
		}
		apply(t, f, State{LAN: []LAN{home}, WAN: []string{"wan"}, Profiles: []Profile{p}})
		golden(t, name+".nft", strings.Join(ofDevice.FindAllString(listing(t, ns), -1), "\n")+"\n")
	}
}
