package hello

import (
	"crypto/aes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// The client's Initial packet of RFC 9001 appendix A.2, which is also that of RFC 9369 appendix A.2: one CRYPTO
// frame, and padding up to 1162 bytes.
const sampleFrame = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
	"04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
	"616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
	"04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
	"baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
	"0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
	"3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
	"75300901100f088394c8f03e51570806048000ffff"

var (
	sampleID = unhex("8394c8f03e515708")
	camQUIC  = Name{Host: camName, Source: QUIC}
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// sealed is how a client would send an Initial packet.
type sealed struct {
	version *version
	id      []byte // in the header
	keyID   []byte // that the keys are made from, where it is another
	token   []byte
	number  uint32
	content []byte
}

// seal protects a packet as RFC 9001 sections 5.3 and 5.4 say, with a packet number of four bytes.
func seal(tb testing.TB, s sealed) []byte {
	tb.Helper()
	if s.keyID == nil {
		s.keyID = s.id
	}
	k, err := newKeys(s.version, s.keyID)
	if err != nil {
		tb.Fatal(err)
	}
	b := append(longBegin(s.version, s.version.initial, s.id), byte(len(s.token)))
	b = append(b, s.token...)
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(maxNumber+len(s.content)+tagLen))
	number := len(b)
	b = binary.BigEndian.AppendUint32(b, s.number)
	nonce := k.iv
	for i := range maxNumber {
		nonce[nonceLen-maxNumber+i] ^= b[number+i]
	}
	b = k.aead.Seal(b, nonce[:], s.content, b)
	var mask [aes.BlockSize]byte
	k.header.Encrypt(mask[:], b[number+maxNumber:][:sampleLen])
	b[0] ^= mask[0] & 0x0f
	for i := range maxNumber {
		b[number+i] ^= mask[1+i]
	}
	return b
}

// longBegin is a long header as far as both kinds of packets have it, for a packet number of four bytes.
func longBegin(v *version, kind byte, id []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{longHeader | fixedBit | kind<<4 | 3}, v.number)
	b = append(append(b, byte(len(id))), id...)
	return append(b, 0)
}

func crypto(at int, data []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{frameCrypto}, 0x80000000|uint32(at))
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(len(data)))
	return append(b, data...)
}

// padded fills the content of a packet so that its datagram is large enough.
func padded(frames ...[]byte) []byte {
	b := slices.Concat(frames...)
	return append(b, make([]byte, max(minDatagram-len(b), 0))...)
}

func TestKeysOfTheStandards(t *testing.T) {
	for i, text := range []string{
		"1f369613dd76d5467730efcbe3b1a22d fa044b2f42a3fd3b46fb255c", // RFC 9001 appendix A.1
		"8b1a0bc121284290a29e0971b5cd045d 91f73e2351d8fa91660e909f", // RFC 9369 appendix A.1
	} {
		k, err := newKeys(versions[i], sampleID)
		if err != nil {
			t.Fatal(err)
		}
		if _, iv, _ := strings.Cut(text, " "); hex.EncodeToString(k.iv[:]) != iv {
			t.Errorf("version %#x: iv %x, want %s", versions[i].number, k.iv, iv)
		}
	}
}

// TestPacketsOfTheStandards seals the sample packets anew and compares their ends with what the standards print:
// the last 16 bytes are a tag over all the rest.
func TestPacketsOfTheStandards(t *testing.T) {
	content := append(unhex(sampleFrame), make([]byte, 917)...)
	for i, sample := range []struct{ head, tail string }{
		{"c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11", "e221af44860018ab0856972e194cd934"},
		{"d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485", "a18b2faa745b6fe189cf772a9f84cbfc"},
	} {
		b := seal(t, sealed{version: versions[i], id: sampleID, number: 2, content: content})
		text := hex.EncodeToString(b)
		if len(b) != 1200 || !strings.HasPrefix(text, sample.head) || !strings.HasSuffix(text, sample.tail) {
			t.Errorf("version %#x: a packet of %d bytes, %.64s…%s", versions[i].number, len(b), text, text[len(text)-32:])
		}
		want(t, feed(NewReader(), udp(b)), Name{Host: "example.com", Source: QUIC})
	}
}

// TestDatagramsInAnyOrderGiveTheSameName spreads a large hello over frames, packets and datagrams.
func TestDatagramsInAnyOrderGiveTheSameName(t *testing.T) {
	hello := recordedQUIC(t)
	if len(hello) < 1600 {
		t.Fatalf("the hello has %d bytes, want at least 1600", len(hello))
	}
	for _, v := range versions {
		for seed := range uint64(8) {
			var frames [][]byte
			for at := 0; at < len(hello); at += 111 {
				frames = append(frames, crypto(at, hello[at:min(at+150, len(hello))]), []byte{framePing, framePadding})
			}
			shuffled(seed, frames)
			half := len(frames) / 2
			one := seal(t, sealed{version: v, id: sampleID, number: 0, content: padded(frames[:half]...)})
			two := seal(t, sealed{version: v, id: sampleID, number: 1, content: padded(frames[half:]...)})
			want(t, feed(NewReader(), udp(one), udp(two)), camQUIC)
			want(t, feed(NewReader(), udp(two), udp(one), udp(one)), camQUIC)
			want(t, feed(NewReader(), udp(append(one, two...))), camQUIC)
		}
	}
}

func TestOtherPacketsStandBesideAnInitialOne(t *testing.T) {
	hello := recordedQUIC(t)
	ack := []byte{frameACKECN, 5, 0, 1, 2, 0, 1, 7, 7, 7}
	plainACK := []byte{frameACK, 0, 0, 0, 0}
	for _, v := range versions {
		early := append(longBegin(v, (v.initial+1)&3, sampleID), 0x40, 100)
		early = append(early, make([]byte, 100)...)
		b := append(early, seal(t, sealed{
			version: v, id: sampleID, token: make([]byte, 50), content: padded(ack, plainACK, crypto(0, hello)),
		})...)
		want(t, feed(NewReader(), udp(b)), camQUIC)
	}
}

// TestServersIdentifierKeepsTheKeys has a client answer before its hello is whole: it goes on with the first keys.
func TestServersIdentifierKeepsTheKeys(t *testing.T) {
	hello := recordedQUIC(t)
	first := seal(t, sealed{version: versions[0], id: sampleID, content: padded(crypto(0, hello[:500]))})
	for _, given := range [][]byte{{}, {1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		second := seal(t, sealed{
			version: versions[0], id: given, keyID: sampleID, number: 1, content: padded(crypto(500, hello[500:])),
		})
		want(t, feed(NewReader(), udp(first), udp(second)), camQUIC)
	}
}

func TestHelloBeginsAnewAfterRetryOrInAnotherVersion(t *testing.T) {
	hello := recordedQUIC(t)
	given := []byte("retried!")
	again := seal(t, sealed{version: versions[0], id: given, token: []byte("token"), content: padded(crypto(0, hello))})
	other := seal(t, sealed{version: versions[1], id: sampleID, content: padded(crypto(0, hello))})
	half := seal(t, sealed{version: versions[0], id: sampleID, content: padded(crypto(0, hello[:200]))})
	want(t, feed(NewReader(), udp(half), udp(again)), camQUIC)
	want(t, feed(NewReader(), udp(half), udp(other)), camQUIC)
}

func TestDatagramsThatAreNoHelloNameNobody(t *testing.T) {
	hello := recordedQUIC(t)
	good := seal(t, sealed{version: versions[0], id: sampleID, content: padded(crypto(0, hello))})
	change := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"too short for a client": good[:minDatagram-1],
		"cut short":              good[:len(good)-1],
		"changed on the way":     change(len(good)-1, good[len(good)-1]+1),
		"of another version":     change(1, 1),
		"without the fixed bit":  change(0, good[0]&^fixedBit),
		"with a short header":    change(0, good[0]&^longHeader),
		"a retry":                change(0, good[0]|0x30),
		"a long identifier":      change(5, maxID+1),
		"of a short identifier":  seal(t, sealed{version: versions[0], id: sampleID[:7], content: padded(crypto(0, hello))}),
		"that ends the connection first": seal(t, sealed{
			version: versions[0], id: sampleID, content: padded([]byte{0x1c}, crypto(0, hello)),
		}),
	} {
		r := NewReader()
		if got := feed(r, udp(b)); len(got) != 0 {
			t.Errorf("a datagram %s gives %+v", name, got)
		}
	}
	elsewhere := udp(good)
	elsewhere.DstPort = 4433
	want(t, feed(NewReader(), elsewhere))
}
