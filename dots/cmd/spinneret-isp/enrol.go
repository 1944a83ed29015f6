package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// enrol writes a home's credentials to a file that only its writer can read.
func enrol(ctx context.Context, c *call) error {
	if c.outFile == "" {
		return misused("say where the credentials go: -out FILE")
	}
	body := map[string]any{"id": c.args[0]}
	if c.psk {
		body["auth"] = "psk"
	}
	if prefixes := *c.texts["prefix"]; len(prefixes) > 0 {
		body["prefixes"] = prefixes
	}
	var file *secretFile // there before the home has new credentials, which are told once
	if c.outFile != "-" {
		var err error
		if file, err = newSecretFile(c.outFile); err != nil {
			return err
		}
		defer file.drop()
	}
	data, err := c.fetch(ctx, "POST", "homes", body)
	if err != nil {
		return err
	}
	var answer struct {
		Home             homeAnswer
		Credentials, PSK *string
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	secret := answer.Credentials
	if secret == nil {
		secret = answer.PSK
	}
	if secret == nil {
		return fmt.Errorf("read the answer: it has no credentials")
	}
	if file == nil {
		_, err := fmt.Fprint(c.out, *secret)
		return err
	}
	if err := file.keep(*secret); err != nil {
		return err
	}
	if c.json {
		return json.NewEncoder(c.out).Encode(map[string]any{"home": json.RawMessage(member(data, "home")), "out": c.outFile})
	}
	c.sayEnrolled(answer.Home)
	return nil
}

func member(data []byte, name string) []byte {
	var o map[string]json.RawMessage
	_ = json.Unmarshal(data, &o) // it was read before
	return o[name]
}

func (c *call) sayEnrolled(h homeAnswer) {
	if c.psk {
		fmt.Fprintf(c.out, "%s is enrolled with a shared key; its router needs option psk_identity '%s' and option psk_file with the key in %s\n", h.ID, h.ID, c.outFile)
		return
	}
	fmt.Fprintf(c.out, "%s is enrolled until %s; its router needs option credentials with a copy of %s\n", h.ID, when(h.Expires), c.outFile)
}

// secretFile becomes a file with a secret, whole or not at all: a link or an older file of the same name is replaced.
type secretFile struct {
	*os.File
	path string
}

func newSecretFile(path string) (*secretFile, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("write the credentials: %s is a directory: name a file in it", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".spinneret-isp-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("write the credentials: %w", err)
	}
	return &secretFile{f, path}, nil
}

// drop removes what was not kept.
func (f *secretFile) drop() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

func (f *secretFile) keep(secret string) error {
	_, err := f.WriteString(secret)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("write the credentials: %w", err)
	}
	return nil
}
