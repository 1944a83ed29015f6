package fiat_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"
)

// TestGosCurvesAgreeWithTheStandard, by the numbers of RFC 5903 section 8. Alone this is about Go; the build of packages
// has it run on our arithmetic.
func TestGosCurvesAgreeWithTheStandard(t *testing.T) {
	for _, c := range []struct {
		name      string
		curve     ecdh.Curve
		mine, gix string // a private key, and x of its public one
		theirs    string // the other's private key
		shared    string
	}{
		{
			"P-384", ecdh.P384(),
			"099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194",
			"667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA",
			"41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC",
			"11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746",
		},
		{
			"P-521", ecdh.P521(),
			"0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D4A52",
			"0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176CED3E",
			"0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB151685EB9",
			"01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3DDEA",
		},
	} {
		mine, theirs := key(t, c.curve, c.mine), key(t, c.curve, c.theirs)
		if x := unhex(t, c.gix); !bytes.Equal(mine.PublicKey().Bytes()[1:1+len(x)], x) {
			t.Errorf("%s: the public key is %x, want x %x", c.name, mine.PublicKey().Bytes(), x)
		}
		for _, pair := range [][2]*ecdh.PrivateKey{{mine, theirs}, {theirs, mine}} {
			shared, err := pair[0].ECDH(pair[1].PublicKey())
			if err != nil || !bytes.Equal(shared, unhex(t, c.shared)) {
				t.Errorf("%s: they share %x (%v), want %s", c.name, shared, err, c.shared)
			}
		}
	}
}

func key(t *testing.T, c ecdh.Curve, private string) *ecdh.PrivateKey {
	t.Helper()
	k, err := c.NewPrivateKey(unhex(t, private))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
