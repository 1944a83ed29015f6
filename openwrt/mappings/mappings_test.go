package mappings

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	cam  = netip.MustParseAddr("192.168.1.10")
	cam6 = netip.MustParseAddr("fd00:1::5")
)

func TestParseReadsMappingsOfBothKinds(t *testing.T) {
	tests := map[string]struct {
		line string
		want Mapping
	}{
		"redirection": {
			"TCP:8080:192.168.1.10:80:1700000000:web cam",
			Mapping{Protocol: "tcp", OutsidePort: 8080, Addr: cam, Port: 80},
		},
		"without an end": {
			"UDP:40321:192.168.1.10:40321:0:",
			Mapping{Protocol: "udp", OutsidePort: 40321, Addr: cam, Port: 40321},
		},
		"a description with colons": {
			"UDP:1:192.168.1.10:2:0:a:b;c",
			Mapping{Protocol: "udp", OutsidePort: 1, Addr: cam, Port: 2},
		},
		"pinhole": {
			"TCP;fd00:1::5;443;2001:db8::1;5000;7;1700000000;cam; living room",
			Mapping{Protocol: "tcp", OutsidePort: 443, Addr: cam6, Port: 443},
		},
		"pinhole for anybody": {
			"UDP;fd00:1::5;443;;0;7;0;",
			Mapping{Protocol: "udp", OutsidePort: 443, Addr: cam6, Port: 443},
		},
		"a description that is hostile": {
			"TCP:1:192.168.1.10:2:0:\x1b[2J\u202e<b>\xff" + strings.Repeat("x", 100),
			Mapping{Protocol: "tcp", OutsidePort: 1, Addr: cam, Port: 2},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			list, skipped := Parse([]byte(test.line + "\r\n\n"))
			if !slices.Equal(list, []Mapping{test.want}) || skipped != 0 {
				t.Errorf("got %+v, %d skipped; want %+v", list, skipped, test.want)
			}
		})
	}
}

func TestParseSkipsWhatIsNoMapping(t *testing.T) {
	for name, line := range map[string]string{
		"nonsense":               "hello",
		"a protocol alone":       "TCP",
		"another protocol":       "UDPLITE:1:192.168.1.10:2:0:x",
		"too few fields":         "TCP:1:192.168.1.10:2:0",
		"a name for an address":  "TCP:1:cam:2:0:x",
		"IPv6 with a colon":      "TCP:1:fd00::5:2:0:x",
		"IPv4 in IPv6":           "TCP;::ffff:192.168.1.10;80;;0;7;0;x",
		"port 0":                 "TCP:0:192.168.1.10:2:0:x",
		"inner port 0":           "TCP:1:192.168.1.10:0:0:x",
		"port 65536":             "TCP:65536:192.168.1.10:2:0:x",
		"a port with a sign":     "TCP:+1:192.168.1.10:2:0:x",
		"everybody's address":    "TCP:1:0.0.0.0:2:0:x",
		"a group's":              "TCP:1:224.0.0.1:2:0:x",
		"the router's loopback":  "TCP:1:127.0.0.1:2:0:x",
		"pinhole of IPv4":        "TCP;192.168.1.10;80;;0;7;0;x",
		"pinhole with a zone":    "TCP;fe80::5%eth0;80;;0;7;0;x",
		"pinhole too short":      "TCP;fd00:1::5;80;;0;7;0",
		"pinhole from port 0":    "TCP;fd00:1::5;0;;0;7;0;x",
		"a line longer than one": "TCP:1:192.168.1.10:2:0:" + strings.Repeat("x", maxLine),
	} {
		t.Run(name, func(t *testing.T) {
			list, skipped := Parse([]byte(line + "\nTCP:8080:192.168.1.10:80:0:cam\n"))
			if len(list) != 1 || list[0].OutsidePort != 8080 || skipped != 1 {
				t.Errorf("got %+v, %d skipped; want the line after it alone", list, skipped)
			}
		})
	}
}

func TestMappingsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range maxMappings + 7 {
		fmt.Fprintf(&b, "TCP:%d:192.168.1.10:80:0:\n", i+1)
	}
	if list, skipped := Parse([]byte(b.String())); len(list) != maxMappings || skipped != 7 {
		t.Errorf("%d mappings, %d skipped", len(list), skipped)
	}
}

func TestListReadsTheFileAndTakesNoneForEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "upnp.leases")
	if list, err := List(path); err != nil || len(list) != 0 {
		t.Errorf("no file: %v (%v)", list, err)
	}
	if err := os.WriteFile(path, []byte("TCP:8080:192.168.1.10:80:0:cam\nbroken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := List(path); err != nil || len(list) != 1 || list[0].Addr != cam {
		t.Errorf("got %v (%v)", list, err)
	}
	if list, err := List(filepath.Dir(path)); err == nil {
		t.Errorf("a folder was read as %v", list)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("TCP:8080:192.168.1.10:80:1700000000:web cam\nUDP:1:192.168.1.10:2:0:a:b\n"))
	f.Add([]byte("TCP;fd00:1::5;443;2001:db8::1;5000;7;1700000000;cam\r\nUDP;fd00:1::5;443;;0;7;0;"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, _ := Parse(b)
		for _, m := range list {
			if m.Protocol != "tcp" && m.Protocol != "udp" || m.Port == 0 || m.OutsidePort == 0 || !m.Addr.IsValid() || m.Addr.Is4In6() {
				t.Errorf("mapping %+v", m)
			}
		}
	})
}
