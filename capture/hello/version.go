package hello

// version is what differs between the versions of QUIC.
type version struct {
	number      uint32
	salt        []byte // for the keys of Initial packets
	key, iv, hp string // labels
	initial     byte   // type of an Initial packet; 0-RTT, Handshake and Retry count on from it, modulo 4
}

var versions = []*version{
	{ // RFC 9001 sections 5.1 and 5.2, RFC 9000 section 17.2
		number: 1,
		salt:   []byte("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a"),
		key:    "quic key", iv: "quic iv", hp: "quic hp", initial: 0,
	},
	{ // RFC 9369 sections 3.1 to 3.3
		number: 0x6b3343cf,
		salt:   []byte("\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9"),
		key:    "quicv2 key", iv: "quicv2 iv", hp: "quicv2 hp", initial: 1,
	},
}

func versionOf(number int) *version {
	for _, v := range versions {
		if number == int(v.number) {
			return v
		}
	}
	return nil
}
