package leases

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

const someHosts = `{"values":{
"cfg02":{".anonymous":true,".type":"host",".name":"cfg02",".index":2,"name":"tv","mac":["02:00:00:00:00:0A","02:00:00:00:00:0b"],"ip":"192.168.1.9"},
"cfg03":{".index":3,"name":"other-tv","mac":"02:00:00:00:00:0a"},
"cfg04":{".index":4,"name":"Anna's phone","mac":"02:00:00:00:00:0c 02:00:00:00:00:0d"},
"cfg05":{".index":5,"mac":"02:00:00:00:00:0e","ip":"192.168.1.10"},
"cfg06":{".index":6,"name":"many","mac":"02:00:00:*:*:*"},
"cfg07":{".index":7,"name":"evil\u001b[2J\u202etv","mac":"02:00:00:00:00:0f"},
"cfg08":{".index":8,"name":"no-mac","duid":"00"}}}`

func TestStaticHostsNameTheirDevices(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(path, []byte(someHosts), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadHosts(path)
	want := map[[6]byte]string{
		{2, 0, 0, 0, 0, 0xa}: "tv", {2, 0, 0, 0, 0, 0xb}: "tv", {2, 0, 0, 0, 0, 0xc}: "Anna's phone",
		{2, 0, 0, 0, 0, 0xd}: "Anna's phone", {2, 0, 0, 0, 0, 0xf}: "evil[2Jtv",
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("names %v (%v), want %v", got, err, want)
	}
}

func TestWithoutStaticHostsNobodyIsNamed(t *testing.T) {
	if got, err := ReadHosts(filepath.Join(t.TempDir(), "none")); err != nil || len(got) != 0 {
		t.Errorf("names %v (%v)", got, err)
	}
	if _, err := ParseHosts([]byte("[]")); err == nil {
		t.Error("a list is taken")
	}
}

func FuzzParseHosts(f *testing.F) {
	f.Add([]byte(someHosts))
	f.Add([]byte(`{"values":{"a":{"name":"x","mac":[1,"02:00:00:00:00:0a"]}}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		names, _ := ParseHosts(answer)
		for mac, name := range names {
			if mac[0]&1 != 0 || name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsRune(name, '\x1b') {
				t.Errorf("%x is called %q", mac, name)
			}
		}
	})
}
