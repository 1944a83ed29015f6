// Package usign makes and checks the signatures that OpenWrt's opkg wants of a feed: Ed25519, in the files of usign
// (and of OpenBSD's signify). Keys with a passphrase are not read, usign itself reads none.
package usign

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const (
	algorithm  = "Ed"
	derivation = "BK"
	comment    = "untrusted comment: "

	nameSize     = 8 // of a key's random name
	saltSize     = 16
	checksumSize = 8
	nameAt       = len(algorithm+derivation) + 4 + saltSize + checksumSize
	keySize      = nameAt + nameSize + ed25519.PrivateKeySize
)

// Key is a feed's private key.
type Key struct {
	name    [nameSize]byte
	private ed25519.PrivateKey
}

// Generate makes a key.
func Generate() (*Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	k := &Key{private: private}
	_, err = rand.Read(k.name[:])
	return k, err
}

// ParseKey reads a private key as usign -G writes it.
func ParseKey(text []byte) (*Key, error) {
	data, err := decode(text, keySize)
	if err != nil {
		return nil, fmt.Errorf("read usign key: %w", err)
	}
	if rounds := binary.BigEndian.Uint32(data[4:]); rounds != 0 {
		return nil, errors.New("read usign key: it has a passphrase, make one without: usign -G")
	}
	k := &Key{private: ed25519.NewKeyFromSeed(data[nameAt+nameSize:][:ed25519.SeedSize])}
	copy(k.name[:], data[nameAt:])
	sum := sha512.Sum512(data[nameAt+nameSize:])
	if !bytes.Equal(k.private, data[nameAt+nameSize:]) || !bytes.Equal(sum[:checksumSize], data[nameAt-checksumSize:nameAt]) {
		return nil, errors.New("read usign key: it is damaged")
	}
	return k, nil
}

// ID is the key's name, as opkg-key names its file in /etc/opkg/keys.
func (k *Key) ID() string { return fmt.Sprintf("%x", binary.BigEndian.Uint64(k.name[:])) }

// Private is the file that ParseKey reads: a secret.
func (k *Key) Private() []byte {
	sum := sha512.Sum512(k.private)
	salt := make([]byte, 4+saltSize) // no rounds, no salt: there is no passphrase
	return k.encode("private key", []byte(algorithm+derivation), salt, sum[:checksumSize], k.name[:], k.private)
}

// Public is the file for opkg-key add.
func (k *Key) Public() []byte {
	return k.encode("public key", []byte(algorithm), k.name[:], k.private.Public().(ed25519.PublicKey))
}

// Sign makes the file that lies beside a message as NAME.sig. The same message gives the same bytes.
func (k *Key) Sign(message []byte) []byte {
	return k.encode("signed by key", []byte(algorithm), k.name[:], ed25519.Sign(k.private, message))
}

// Verify checks a signature with a public key, both as files.
func Verify(public, message, signature []byte) error {
	key, err := decode(public, len(algorithm)+nameSize+ed25519.PublicKeySize)
	if err != nil {
		return fmt.Errorf("read usign public key: %w", err)
	}
	sig, err := decode(signature, len(algorithm)+nameSize+ed25519.SignatureSize)
	if err != nil {
		return fmt.Errorf("read usign signature: %w", err)
	}
	const body = len(algorithm) + nameSize
	if !bytes.Equal(key[:body], sig[:body]) || !ed25519.Verify(key[body:], message, sig[body:]) {
		return errors.New("verify usign signature: it is not by this key, of this message")
	}
	return nil
}

// encode writes a file: a comment, and the parts in base64.
func (k *Key) encode(what string, parts ...[]byte) []byte {
	body := base64.StdEncoding.EncodeToString(bytes.Join(parts, nil))
	return []byte(comment + what + " " + k.ID() + "\n" + body + "\n")
}

// decode reads such a file of a known size.
func decode(text []byte, size int) ([]byte, error) {
	first, body, _ := strings.Cut(string(text), "\n")
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(body))
	if err != nil || !strings.HasPrefix(first, comment) {
		return nil, errors.New("it must be a line that begins with \"" + strings.TrimSpace(comment) + "\" and one of base64")
	}
	if len(data) != size || string(data[:len(algorithm)]) != algorithm {
		return nil, fmt.Errorf("it has %d bytes and not the %d of an Ed25519 one", len(data), size)
	}
	return data, nil
}
