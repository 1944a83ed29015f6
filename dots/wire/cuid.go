package wire

import (
	"crypto/sha256"
	"encoding/base64"
)

// CUID is the recommended identifier of a client, from the DER form of its public key (SubjectPublicKeyInfo) or from
// its PSK identity: 22 characters (RFC 9132 section 4.4.1.2).
func CUID(key []byte) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
