package hello

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Sizes of AEAD_AES_128_GCM (RFC 5116 section 5.1), with which Initial packets are protected.
const (
	keyLen    = 16
	nonceLen  = 12
	tagLen    = 16
	sampleLen = 16 // RFC 9001 section 5.4.3
	maxNumber = 4  // bytes of a packet number
)

// initialKeys open what one client sends in Initial packets. Whoever sees its first packet can make them: they
// keep out changes by accident, not readers (RFC 9001 section 5.2).
type initialKeys struct {
	version *version
	id      []byte // the connection identifier that they were made from
	aead    cipher.AEAD
	header  cipher.Block
	iv      [nonceLen]byte
}

// newKeys makes the client's keys from the identifier that it chose for the server (RFC 9001 section 5.2).
func newKeys(v *version, id []byte) (*initialKeys, error) {
	initial, err := hkdf.Extract(sha256.New, id, v.salt)
	if err != nil {
		return nil, err
	}
	secret, err := expand(initial, "client in", sha256.Size)
	if err != nil {
		return nil, err
	}
	var made [3][]byte
	for i, label := range []string{v.key, v.iv, v.hp} {
		if made[i], err = expand(secret, label, [...]int{keyLen, nonceLen, keyLen}[i]); err != nil {
			return nil, err
		}
	}
	body, err := aes.NewCipher(made[0])
	if err != nil {
		return nil, err
	}
	k := &initialKeys{version: v, id: bytes.Clone(id), iv: [nonceLen]byte(made[1])}
	if k.header, err = aes.NewCipher(made[2]); err != nil {
		return nil, err
	}
	k.aead, err = cipher.NewGCM(body)
	return k, err
}

// expand is HKDF-Expand-Label without context (RFC 8446 section 7.1).
func expand(secret []byte, label string, n int) ([]byte, error) {
	label = "tls13 " + label
	info := string([]byte{byte(n >> 8), byte(n), byte(len(label))}) + label + "\x00"
	return hkdf.Expand(sha256.New, secret, info, n)
}

// open takes the protection off a packet whose number stands at the given place (RFC 9001 sections 5.3 and 5.4).
// The content is in scratch, which must have room for the packet. It is false where these are not its keys.
func (k *initialKeys) open(raw []byte, number int, scratch []byte) (content []byte, ok bool) {
	if len(raw) < number+maxNumber+sampleLen || len(raw) > cap(scratch) {
		return nil, false
	}
	var mask [aes.BlockSize]byte
	k.header.Encrypt(mask[:], raw[number+maxNumber:][:sampleLen])
	size := int((raw[0]^mask[0])&3) + 1
	header := append(scratch[:0], raw[:number+size]...)
	header[0] ^= mask[0] & 0x0f
	nonce := k.iv
	for i := range size {
		header[number+i] ^= mask[1+i]
		// A client that sends Initial packets has sent few: the number is never cut short (RFC 9000 section 17.1).
		nonce[nonceLen-size+i] ^= header[number+i]
	}
	content, err := k.aead.Open(header[len(header):], nonce[:], raw[len(header):], header)
	return content, err == nil
}
