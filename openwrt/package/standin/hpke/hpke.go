// Package hpke stands in for crypto/hpke in the program for routers, where it would be 50 kB that never run. Only
// crypto/tls needs it, for Encrypted Client Hello (RFC 9849), which nobody here asks for.
package hpke

import "errors"

var errLeftOut = errors.New("crypto/hpke is left out of the program for routers")

// What there is none of.
type (
	PublicKey  any
	PrivateKey any
	KDF        interface{ ID() uint16 }
	AEAD       interface{ ID() uint16 }
)

// KEM is where the real one would be.
type KEM struct{}

// NewKEM always fails.
func NewKEM(uint16) (KEM, error) { return KEM{}, errLeftOut }

// NewPublicKey always fails.
func (KEM) NewPublicKey([]byte) (PublicKey, error) { return nil, errLeftOut }

// NewPrivateKey always fails.
func (KEM) NewPrivateKey([]byte) (PrivateKey, error) { return nil, errLeftOut }

// NewKDF always fails.
func NewKDF(uint16) (KDF, error) { return nil, errLeftOut }

// NewAEAD always fails.
func NewAEAD(uint16) (AEAD, error) { return nil, errLeftOut }

// Sender is where the real one would be.
type Sender struct{}

// NewSender always fails.
func NewSender(PublicKey, KDF, AEAD, []byte) ([]byte, *Sender, error) { return nil, nil, errLeftOut }

// Seal always fails.
func (*Sender) Seal(aad, plaintext []byte) ([]byte, error) { return nil, errLeftOut }

// Recipient is where the real one would be.
type Recipient struct{}

// NewRecipient always fails.
func NewRecipient([]byte, PrivateKey, KDF, AEAD, []byte) (*Recipient, error) {
	return nil, errLeftOut
}

// Open always fails.
func (*Recipient) Open(aad, ciphertext []byte) ([]byte, error) { return nil, errLeftOut }
