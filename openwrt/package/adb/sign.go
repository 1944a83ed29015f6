package adb

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	signatureVersion = 0
	hashSHA512       = 4
	keyIDSize        = 16
	signatureHeader  = 2 + keyIDSize
)

// ParseKey reads a private key for a feed: PEM, on the curve P-256 (openssl's prime256v1), as EC PRIVATE KEY or PKCS#8.
func ParseKey(text []byte) (*ecdsa.PrivateKey, error) {
	const want = "make one with: openssl ecparam -name prime256v1 -genkey -noout"
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var key any
		var err error
		switch block.Type {
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read key: %w", err)
		}
		if ec, ok := key.(*ecdsa.PrivateKey); ok && ec.Curve == elliptic.P256() {
			return ec, nil
		}
		return nil, errors.New("read key: not on the curve P-256: " + want)
	}
	return nil, errors.New("read key: no private key in PEM: " + want)
}

// PublicKey is what a router keeps in /etc/apk/keys.
func PublicKey(key *ecdsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// keyID is the beginning of a hash over the bare point, not over its DER.
func keyID(key *ecdsa.PublicKey) ([]byte, error) {
	point, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("name key: %w", err)
	}
	sum := sha512.Sum512(point)
	return sum[:keyIDSize], nil
}

// Sign puts a signature behind the first block of a file that is not compressed. It is the deterministic ECDSA of
// RFC 6979: the same file and key give the same bytes, which apk's own tools do not promise.
func Sign(file []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	id, err := keyID(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	schema, content, rest, err := firstBlock(file)
	if err != nil {
		return nil, err
	}
	header := append([]byte{signatureVersion, hashSHA512}, id...)
	signature, err := key.Sign(nil, signed(schema, header, content), crypto.SHA512)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	out, err := appendBlock(bytes.Clone(file[:len(file)-len(rest)]), blockSIG, header, signature)
	if err != nil {
		return nil, err
	}
	return append(out, rest...), nil
}

// signed is the hash that a signature is made of.
func signed(schema Schema, header, content []byte) []byte {
	payload := sha512.Sum512(content)
	message := append(append([]byte(schema), header...), payload[:]...)
	sum := sha512.Sum512(message)
	return sum[:]
}

// firstBlock splits a plain file into its schema, the content of its ADB block, and what follows that.
func firstBlock(file []byte) (schema Schema, content, rest []byte, err error) {
	const start = len(magicPlain) + len(SchemaPackage)
	if len(file) < start+4 || string(file[:len(magicPlain)]) != magicPlain {
		return "", nil, nil, errNotPlain
	}
	size := int(binary.LittleEndian.Uint32(file[start:]))
	padded := start + (size+blockAlign-1)&^(blockAlign-1)
	if size>>blockShift != blockADB || size < 4+headerSize || padded > len(file) {
		return "", nil, nil, errors.New("read ADB: the first block is not the package's")
	}
	return Schema(file[len(magicPlain):start]), file[start+4 : start+size], file[padded:], nil
}
