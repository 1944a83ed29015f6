package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
)

var file = []byte("{\n  \"ietf-mud:mud\": {}\n}\n")

// maker is a CA and a signer of its, made by openssl.
type maker struct {
	dir   string
	trust Trust
}

const usage = "keyUsage=critical,digitalSignature"

// newMaker makes the keys with `openssl genpkey` options such as "-algorithm RSA".
func newMaker(t *testing.T, key, extension string) maker {
	t.Helper()
	m := maker{dir: t.TempDir()}
	m.openssl(t, "genpkey "+key+" -out ca.key")
	m.openssl(t, "req -x509 -new -key ca.key -subj /O=Maker -days 30 -out ca.pem")
	m.openssl(t, "genpkey "+key+" -out signer.key")
	m.openssl(t, "req -new -key signer.key -subj /O=Maker/CN=signer -out signer.csr")
	m.write(t, "ext", []byte("subjectKeyIdentifier=hash\n"+extension+"\n"))
	m.openssl(t, "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -days 10 -extfile ext -out signer.pem")
	m.write(t, "file", file)
	m.trust = Trust{Anchors: pool(t, m.read(t, "ca.pem")), Now: time.Now(), ClockSet: true}
	return m
}

func (m maker) openssl(t *testing.T, line string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "openssl", strings.Fields(line)...)
	c.Dir = m.dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", line, err, out)
	}
}

// sign signs the file with more options of `openssl cms -sign`.
func (m maker) sign(t *testing.T, options string) []byte {
	t.Helper()
	m.openssl(t, "cms -sign -in file -signer signer.pem -inkey signer.key -outform DER -out sig "+options)
	return m.read(t, "sig")
}

func (m maker) read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (m maker) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pool(t *testing.T, pem []byte) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate")
	}
	return p
}

const (
	p256 = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"
	rsa2 = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"
)

func TestGoodSignatures(t *testing.T) {
	ec, rsa := newMaker(t, p256, usage), newMaker(t, rsa2, usage+"\nextendedKeyUsage=emailProtection")
	for _, c := range []struct {
		by      maker
		options string
	}{
		{ec, "-binary"},
		{ec, "-binary -md sha384"},
		{ec, "-binary -noattr"},
		{ec, "-binary -keyid"},
		{ec, "-binary -certfile ca.pem"},
		{ec, "-binary -econtent_type 1.2.840.113549.1.9.16.1.41"},
		{rsa, "-binary"},
		{rsa, "-binary -md sha512"},
		{rsa, "-binary -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest"},
	} {
		s, err := Verify(file, c.by.sign(t, c.options), c.by.trust)
		if err != nil {
			t.Errorf("%s: %v", c.options, err)
			continue
		}
		if left := time.Until(s.Expires); s.Name != "CN=signer,O=Maker" || left < 9*24*time.Hour || left > 11*24*time.Hour {
			t.Errorf("%s: signed by %q, expires %s", c.options, s.Name, s.Expires)
		}
	}
}

func TestBadSignatures(t *testing.T) {
	m := newMaker(t, p256, usage)
	bare := newMaker(t, p256, "basicConstraints=CA:FALSE")
	other := newMaker(t, p256, "keyUsage=keyEncipherment")
	good := m.sign(t, "-binary")
	later := m.trust
	later.Now = later.Now.Add(11 * 24 * time.Hour)
	for _, c := range []struct {
		what      string
		signature []byte
		trust     Trust
		why       string
	}{
		{"nothing", nil, m.trust, "read DER"},
		{"more after its end", append(bytes.Clone(good), 0), m.trust, "more after its end"},
		{"too large", make([]byte, MaxSignature+1), m.trust, "not read"},
		{"SHA-1", m.sign(t, "-binary -md sha1"), m.trust, "does not count"},
		{"the file in it", m.sign(t, "-binary -nodetach"), m.trust, "detached"},
		{"text mode", m.sign(t, ""), m.trust, "-binary"},
		{"no certificate", m.sign(t, "-binary -nocerts"), m.trust, "not in it"},
		{"expired", good, later, "no trust anchor"},
		{"a CA of its own in it", bare.sign(t, "-binary -certfile ca.pem"), m.trust, "digitalSignature"},
		{"no key usage", bare.sign(t, "-binary"), bare.trust, "digitalSignature"},
		{"another key usage", other.sign(t, "-binary"), other.trust, "digitalSignature"},
		{"no anchors", good, Trust{Now: time.Now(), ClockSet: true}, "no trust anchor"},
	} {
		if _, err := Verify(file, c.signature, c.trust); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", c.what, err, c.why)
		}
	}
	stranger := newMaker(t, p256, usage)
	if _, err := Verify(file, stranger.sign(t, "-binary -certfile ca.pem"), m.trust); err == nil {
		t.Error("a CA that the signature brings along is believed")
	}
}

// One changed byte is enough, wherever it is.
func TestEveryByteCounts(t *testing.T) {
	m := newMaker(t, p256, usage)
	good := m.sign(t, "-binary")
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if _, err := Verify(changed, good, m.trust); err == nil {
			t.Fatalf("byte %d of the file is changed, and the signature still holds", i)
		}
	}
}

func TestSignerOfTheDevicesCertificate(t *testing.T) {
	m := newMaker(t, p256, usage)
	good := m.sign(t, "-binary")
	s, err := Verify(file, good, m.trust)
	if err != nil {
		t.Fatal(err)
	}
	m.trust.Subject = []byte(s.Signer.Subject)
	if again, err := Verify(file, good, m.trust); err != nil || again.Signer != s.Signer {
		t.Errorf("the named signer is refused: %v", err)
	}
	m.trust.Subject = []byte("somebody else")
	if _, err := Verify(file, good, m.trust); err == nil || !strings.Contains(err.Error(), "another signer") {
		t.Errorf("another signer is believed: %v", err)
	}
}

// A router boots in the past. What is wrong whatever the time is refused at once, the rest waits.
func TestClockNotSet(t *testing.T) {
	m := newMaker(t, p256, usage)
	good := m.sign(t, "-binary")
	m.trust.ClockSet, m.trust.Now = false, time.Unix(0, 0)
	if _, err := Verify(file, good, m.trust); !errors.Is(err, ErrPostponed) {
		t.Errorf("a good signature: %v, want it postponed", err)
	}
	if _, err := Verify(file[1:], good, m.trust); err == nil || errors.Is(err, ErrPostponed) {
		t.Errorf("a changed file: %v, want a refusal", err)
	}
	m.trust.Anchors = pool(t, newMaker(t, p256, usage).read(t, "ca.pem"))
	if _, err := Verify(file, good, m.trust); err == nil || errors.Is(err, ErrPostponed) {
		t.Errorf("a stranger's signature: %v, want a refusal", err)
	}
}

// Cisco's example is signed under a CA that expired on 12 July 2019.
func TestCiscosLuminaire(t *testing.T) {
	dir := expect.ThirdParty(t)
	m := maker{dir: filepath.Join(dir, "mud/CiscoDevNet__MUD-Manager/examples/luminaire")}
	file, signature := m.read(t, "fs/Luminaire_150.json"), m.read(t, "fs/Luminaire_150.p7s")
	trust := Trust{Anchors: pool(t, m.read(t, "luminaire-cacert.pem")), ClockSet: true}
	trust.Now = time.Date(2019, 7, 12, 20, 0, 0, 0, time.UTC)
	s, err := Verify(file, signature, trust)
	if err != nil || s.Name != "CN=luminaire.example.com,O=Demo Luminaire Manufacturer" {
		t.Errorf("before the CA expires: %+v, %v", s, err)
	}
	changed := bytes.Clone(file)
	changed[len(changed)/2] ^= 1
	if _, err := Verify(changed, signature, trust); err == nil {
		t.Error("with a byte changed it still holds")
	}
	trust.Now = time.Date(2019, 7, 12, 21, 0, 0, 0, time.UTC)
	if _, err := Verify(file, signature, trust); err == nil {
		t.Error("after the CA expired it still holds")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Add([]byte("\x30\x1c\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x0f\x30\x0d\x02\x01\x01\x31\x00\x30\x04\x06\x00\x31\x00\x31\x00"))
	if dir := os.Getenv("SPINNERET_TESTDATA"); dir != "" {
		if p7s, err := os.ReadFile(filepath.Join(dir, "mud/CiscoDevNet__MUD-Manager/examples/luminaire/fs/Luminaire_150.p7s")); err == nil {
			f.Add(p7s)
		}
	}
	trust := Trust{Anchors: x509.NewCertPool(), Now: time.Unix(1e9, 0), ClockSet: true}
	f.Fuzz(func(t *testing.T, signature []byte) {
		if s, err := Verify(file, signature, trust); err == nil {
			t.Fatalf("without anchors it holds: %+v", s)
		}
	})
}
