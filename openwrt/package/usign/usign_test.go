package usign_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"spinneret/openwrt/package/usign"
)

// TestASignatureIsGoodForOneKeyAndOneMessage, through the files in which keys and signatures travel.
func TestASignatureIsGoodForOneKeyAndOneMessage(t *testing.T) {
	made, err := usign.Generate()
	if err != nil {
		t.Fatal(err)
	}
	key, err := usign.ParseKey(made.Private())
	if err != nil {
		t.Fatal(err)
	}
	other, err := usign.Generate()
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("Package: spinneret\n")
	signature := key.Sign(message)
	if err := usign.Verify(made.Public(), message, signature); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(signature, made.Sign(message)) {
		t.Error("signed again, it differs")
	}
	if usign.Verify(made.Public(), []byte("Package: something else\n"), signature) == nil {
		t.Error("the signature is good for another message")
	}
	if usign.Verify(other.Public(), message, signature) == nil {
		t.Error("the signature is good for another key")
	}
}

// TestTheFilesAreThoseOfUsign: sizes, beginnings and the key's name in each, as its main.c lays them out.
func TestTheFilesAreThoseOfUsign(t *testing.T) {
	key, err := usign.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file         []byte
		comment      string
		begins       string
		size, nameAt int
	}{
		{key.Private(), "untrusted comment: private key " + key.ID(), "EdBK\x00\x00\x00\x00", 104, 32},
		{key.Public(), "untrusted comment: public key " + key.ID(), "Ed", 42, 2},
		{key.Sign(nil), "untrusted comment: signed by key " + key.ID(), "Ed", 74, 2},
	} {
		comment, body, _ := strings.Cut(string(c.file), "\n")
		data, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(body, "\n"))
		if err != nil || comment != c.comment || len(data) != c.size || !strings.HasPrefix(string(data), c.begins) {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		if name := strings.TrimLeft(strings.ToLower(hex(data[c.nameAt:c.nameAt+8])), "0"); name != key.ID() {
			t.Errorf("the key is called %s in %q, want %s", name, comment, key.ID())
		}
	}
}

func hex(data []byte) (text string) {
	for _, b := range data {
		text += string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])
	}
	return text
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	key, err := usign.Generate()
	if err != nil {
		t.Fatal(err)
	}
	comment, body, _ := strings.Cut(string(key.Private()), "\n")
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(body))
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int) []byte {
		changed := bytes.Clone(data)
		changed[at] ^= 1
		return []byte(comment + "\n" + base64.StdEncoding.EncodeToString(changed) + "\n")
	}
	for what, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":           {nil, "base64"},
		"a public key":      {key.Public(), "104"},
		"no comment":        {[]byte("\n" + body), "comment"},
		"with a passphrase": {change(7), "passphrase"},
		"another algorithm": {change(0), "Ed25519"},
		"a damaged key":     {change(60), "damaged"},
		"a damaged check":   {change(25), "damaged"},
	} {
		if _, err := usign.ParseKey(c.file); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", what, err, c.says)
		}
	}
}
