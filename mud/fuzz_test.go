package mud

import (
	"os"
	"path/filepath"
	"testing"
)

func FuzzParse(f *testing.F) {
	if own, err := os.ReadFile("testdata/all.json"); err == nil {
		f.Add(own)
	}
	f.Add(wrap(entry(`"ietf-mud:mud":{"local-networks":[null]},"tcp":{"destination-port":{"port":1}}`, "drop")))
	if dir := os.Getenv("SPINNERET_TESTDATA"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "mud/usnistgov__nist-mud/test/unittest/*/*.json"))
		for _, file := range files {
			if data, err := os.ReadFile(file); err == nil {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, found := Parse(data)
		if (file == nil) != has(found, Refusal, "") {
			t.Fatalf("a file is refused without a reason, or read in spite of one: %v", found)
		}
		if u, err := ParseURL(string(data)); err == nil {
			checkCanonical(t, u)
		}
		if file == nil {
			return
		}
		checkCanonical(t, file.URL)
		p := file.Compile(false)
		for _, r := range append(p.From, p.To...) {
			if !r.Drop && r.Held == "" && len(r.Remote) == 0 {
				t.Fatalf("%+v allows all the world without asking", r)
			}
		}
		if len(p.Words()) == 0 {
			t.Fatal("a policy without words")
		}
	})
}

func checkCanonical(t *testing.T, u URL) {
	t.Helper()
	again, err := ParseURL(u.String())
	if err != nil || again != u {
		t.Fatalf("%q read again is %q, %v", u, again, err)
	}
}

// FuzzResolve: wherever a file says that its signature is, it is a canonical URL, which reads back as itself.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"cam.p7s", "/sig", "../x?y=1", "//other.example/s", "https://Other.example:443/%7e/./s", "http://x/", "?q", "#", "%zz", "https://[::1]/", "https://u@x/"} {
		f.Add("https://maker.example/a/cam.json", seed)
	}
	f.Fuzz(func(t *testing.T, base, reference string) {
		u, err := ParseURL(base)
		if err != nil {
			return
		}
		to, err := u.Resolve(reference)
		if err != nil {
			return
		}
		again, err := ParseURL(to.String())
		if err != nil || again != to || to.Host() == "" || to.Key() == "" {
			t.Errorf("%q at %q is %q, which reads as %q, %v", reference, base, to, again, err)
		}
	})
}
