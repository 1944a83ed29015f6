package auth

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestHashesOfPasswords(t *testing.T) {
	s := newSecret(password)
	read, err := parseSecret(s.String())
	if err != nil || !read.matches(password) || read.matches(password+" ") {
		t.Errorf("%s: %v", s, err)
	}
	if s.String() == newSecret(password).String() {
		t.Error("two hashes of one password are equal: no salt")
	}
	if noSecret().matches("") {
		t.Error("no secret matches")
	}
	for _, text := range []string{
		"", "$", "$argon2id$v=19$m=7168,t=5,p=1$$", strings.Replace(s.String(), "m=7168", "m=4294967295", 1),
		strings.Replace(s.String(), "t=5", "t=0", 1), strings.Replace(s.String(), "t=5", "t=05", 1),
		strings.Replace(s.String(), "argon2id", "argon2i", 1), strings.Replace(s.String(), "p=1", "p=2", 1),
		s.String() + "=", s.String() + "$",
	} {
		if _, err := parseSecret(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzParseSecret(f *testing.F) {
	f.Add(noSecret().String())
	f.Add("$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5")
	f.Add("$argon2id$v=19$m=,t=,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSecret(text)
		if err == nil && (s.String() != text || !s.bounded()) {
			t.Errorf("%q is read as %s", text, s)
		}
	})
}

// FuzzRestore: whatever is in the store, a keeper starts, stays within its bounds, and writes what it reads again.
func FuzzRestore(f *testing.F) {
	store := &memory{}
	k := New(Config{Store: store})
	grant, err := k.Setup(context.Background(), device("01"), password)
	if err != nil {
		f.Fatal(err)
	}
	login, _ := k.Session(device("01").with(grant))
	if _, _, err := k.AddToken(login, "x"); err != nil {
		f.Fatal(err)
	}
	f.Add(store.data)
	f.Add([]byte(`{"version":1,"users":{},"sessions":[],"tokens":[],"owners":{},"browserKey":"` + strings.Repeat("0", 64) + `"}`))
	f.Add(bytes.Replace(store.data, []byte(`"version":1`), []byte(`"version":2`), 1))
	f.Add(bytes.Replace(store.data, []byte(`"owner"`), []byte(`"admin"`), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		store := &memory{data: data}
		k := New(Config{Store: store})
		if k.damaged {
			if err := k.save(); err != nil || !bytes.Equal(store.data, data) || k.FirstRun() {
				t.Errorf("what cannot be read was written over, or opens a first run: %v", err)
			}
			return
		}
		if len(k.sessions) > MaxSessions || len(k.tokens) > MaxTokens || len(k.users) > 2 {
			t.Errorf("out of bounds: %d sessions, %d tokens", len(k.sessions), len(k.tokens))
		}
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		again := New(Config{Store: &memory{data: store.data}})
		if again.damaged || len(again.sessions) != len(k.sessions) || len(again.tokens) != len(k.tokens) {
			t.Errorf("what was written reads otherwise: %s", store.data)
		}
	})
}
