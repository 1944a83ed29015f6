package shelf

import (
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/mud/cms"
)

// signed makes a file, its signature by a maker of the day, and whom to trust; certificates are good for ten days.
func signed(t *testing.T) (octets, signature []byte, trust cms.Trust) {
	t.Helper()
	dir := t.TempDir()
	octets = file(lampURL, noon, "a.example")
	if err := os.WriteFile(filepath.Join(dir, "file"), octets, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ext"), []byte("keyUsage=critical,digitalSignature\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
	for _, line := range []string{
		"req -x509 " + key + " -keyout ca.key -out ca.pem -subj /O=Lamps -days 30",
		"req " + key + " -keyout s.key -out csr -subj /O=Lamps/CN=signer",
		"x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -extfile ext -out s.pem",
		"cms -sign -binary -in file -signer s.pem -inkey s.key -outform DER -out sig",
	} {
		c := exec.CommandContext(t.Context(), "openssl", strings.Fields(line)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", line, err, out)
		}
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	trust = cms.Trust{Anchors: x509.NewCertPool(), Now: time.Now(), ClockSet: true}
	trust.Anchors.AppendCertsFromPEM(read("ca.pem"))
	return octets, read("sig"), trust
}

// TestExamine looks at a file and its signature as they come from a server.
func TestExamine(t *testing.T) {
	octets, signature, trust := signed(t)
	examine := func(octets, signature []byte, trust cms.Trust) (*Copy, error) {
		return Examine(octets, func(place string) ([]byte, error) {
			if place != "one.p7s" {
				t.Errorf("its signature is looked for at %q", place)
			}
			return signature, nil
		}, trust)
	}
	c, err := examine(octets, signature, trust)
	if err != nil || c.Signer == nil || c.SignedBy != "CN=signer,O=Lamps" || c.Unsigned != "" || c.SignedTill.Sub(trust.Now) > 11*day {
		t.Fatalf("it is %+v, %v", c, err)
	}
	spaced := append([]byte(" "), octets...)
	late, stranger := trust, trust
	late.Now = late.Now.Add(11 * day)
	stranger.Anchors = x509.NewCertPool()
	for what, c := range map[string]struct {
		octets, signature []byte
		trust             cms.Trust
	}{
		"one more space":         {spaced, signature, trust},
		"an expired certificate": {octets, signature, late},
		"an unknown authority":   {octets, signature, stranger},
		"no signature at all":    {octets, []byte("404"), trust},
	} {
		got, err := examine(c.octets, c.signature, c.trust)
		if err != nil || got.Signer != nil || !strings.Contains(got.Unsigned, "no good") {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	unset := trust
	unset.Now, unset.ClockSet = time.Unix(0, 0), false
	if _, err := examine(octets, signature, unset); !errors.Is(err, cms.ErrPostponed) {
		t.Errorf("in 1970: %v", err)
	}
}

// TestExamineWithoutASignature or without a file that could be used.
func TestExamineWithoutASignature(t *testing.T) {
	lost := errors.New("no route")
	nowhere := func(string) ([]byte, error) { return nil, lost }
	octets := file(lampURL, noon, "a.example")
	if _, err := Examine(octets, nowhere, cms.Trust{}); !errors.Is(err, lost) {
		t.Errorf("a signature that could not be got: %v", err)
	}
	bare := []byte(strings.Replace(string(octets), `"mud-signature":"one.p7s",`, "", 1))
	if c, err := Examine(bare, nowhere, cms.Trust{}); err != nil || !strings.Contains(c.Unsigned, "not signed") {
		t.Errorf("a file that names none: %+v, %v", c, err)
	}
	var refused *RefusedError
	if _, err := Examine([]byte(`{"ietf-mud:mud":`), nowhere, cms.Trust{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "cannot be used") {
		t.Errorf("half a file: %v", err)
	}
}
