package mud

import (
	"strings"
	"testing"
)

func TestURLIsCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com":                     "https://example.com/",
		"HTTPS://Example.COM./A":                  "https://example.com/A",
		"https://example.com:443/a":               "https://example.com/a",
		"https://example.com:8443/a":              "https://example.com:8443/a",
		"https://example.com/%7Ea/%2f%2e%2e/b":    "https://example.com/~a/%2F../b",
		"https://example.com/a/./b/../c/..":       "https://example.com/a/",
		"https://example.com/../../a":             "https://example.com/a",
		"https://example.com/a?V=1&b=%3d#part":    "https://example.com/a?V=1&b=%3D",
		"https://example.com?x":                   "https://example.com/?x",
		"https://example.com/a//b":                "https://example.com/a//b",
		"https://xn--bcher-kva.example/lamp.json": "https://xn--bcher-kva.example/lamp.json",
	} {
		u, err := ParseURL(in)
		if err != nil || u.String() != want {
			t.Errorf("%s is %s, %v; want %s", in, u, err, want)
		}
	}
}

func TestURLRefuses(t *testing.T) {
	for _, in := range []string{
		"", "example.com/a", "http://example.com/", "https://", "https:///a", "https://u:p@example.com/", "https://192.168.1.1/",
		"https://127.1/", "https://0x7f000001/", "https://[::1]/", "https://example.com:0/", "https://example.com:65536/",
		"https://example.com:a/", "https://exa mple.com/", "https://example.com\\@evil.example/", "https://bücher.example/",
		"https://example.com/%", "https://example.com/%zz", "https://-a.example/", "https://a..example/", "https://example.com/\x00",
		"https://example.com/" + strings.Repeat("a", maxURL),
	} {
		if u, err := ParseURL(in); err == nil {
			t.Errorf("%q is read as %s", in, u)
		}
	}
}

func TestURLParts(t *testing.T) {
	a, err := ParseURL("https://b1.Example.com:8443/v1.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseURL("https://example.com/v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if a.Host() != "b1.example.com" || a.Authority() != "b1.example.com:8443" || b.Authority() != "example.com" {
		t.Errorf("host %s, authorities %s and %s", a.Host(), a.Authority(), b.Authority())
	}
	if a.Key() == b.Key() || len(a.Key()) != 64 {
		t.Errorf("keys %s and %s", a.Key(), b.Key())
	}
}

// TestResolve reads where the file at a URL says that its signature is.
func TestResolve(t *testing.T) {
	at, err := ParseURL("https://maker.example/a/cam.json?v=1")
	if err != nil {
		t.Fatal(err)
	}
	for reference, want := range map[string]string{
		"cam.p7s":                        "https://maker.example/a/cam.p7s",
		"../cam.p7s":                     "https://maker.example/cam.p7s",
		"/s?x=y":                         "https://maker.example/s?x=y",
		"https://Sign.example:443/cam":   "https://sign.example/cam",
		"//sign.example/cam":             "https://sign.example/cam",
		"http://maker.example/cam.p7s":   "",
		"https://192.168.1.1/cam.p7s":    "",
		"https://me@maker.example/a.p7s": "",
		"%zz":                            "",
	} {
		got, err := at.Resolve(reference)
		if got.String() != want || (err == nil) != (want != "") {
			t.Errorf("%q is at %q, %v, want %q", reference, got, err, want)
		}
	}
}
