package hello

// The parts of TLS that are read (RFC 8446 sections 4, 4.2 and 5.1).
const (
	recordHandshake = 22
	recordHeader    = 5
	maxRecord       = 1 << 14
	maxRecords      = 64 // of one hello; clients that split it at all send two or three

	messageClientHello = 1
	messageHeader      = 4

	extensionServerName = 0 // RFC 6066 section 3
	nameTypeHost        = 0
)

// beginsTLS reports whether b can be the beginning of a connection's first record: a handshake record of any
// version, with the beginning of a ClientHello inside.
func beginsTLS(b []byte) bool {
	return len(b) > 0 && b[0] == recordHandshake &&
		(len(b) < 2 || b[1] == 3) &&
		(len(b) < recordHeader || recordLength(b) > 0 && recordLength(b) <= maxRecord) &&
		(len(b) <= recordHeader || b[recordHeader] == messageClientHello)
}

func recordLength(b []byte) int { return int(b[3])<<8 | int(b[4]) }

// readRecords reads the first records of a client's stream. Only a hello that is spread over several is copied.
func (r *Reader) readRecords(b []byte) (Name, verdict) {
	joined := r.scratch[:0]
	defer func() { r.scratch = joined[:0] }()
	for range maxRecords {
		if len(b) > 0 && b[0] != recordHandshake || len(b) > 1 && b[1] != 3 {
			return Name{}, none
		}
		if len(b) < recordHeader {
			return Name{}, more
		}
		n := recordLength(b)
		if n == 0 || n > maxRecord {
			return Name{}, none
		}
		whole := len(b) >= recordHeader+n
		part := b[recordHeader:min(recordHeader+n, len(b))]
		if len(joined) > 0 || whole && !holdsMessage(part) {
			joined = append(joined, part...)
			part = joined
		}
		if name, v := readHandshake(part, SNI); v != more || !whole {
			return name, v
		}
		b = b[recordHeader+n:]
	}
	return Name{}, none
}

func holdsMessage(b []byte) bool {
	return len(b) >= messageHeader && len(b)-messageHeader >= messageLength(b)
}

func messageLength(b []byte) int { return int(b[1])<<16 | int(b[2])<<8 | int(b[3]) }

// readHandshake reads the first handshake message of a client (RFC 8446 section 4).
func readHandshake(b []byte, source Source) (Name, verdict) {
	if len(b) == 0 {
		return Name{}, more
	}
	if b[0] != messageClientHello {
		return Name{}, none
	}
	if len(b) < messageHeader {
		return Name{}, more
	}
	n := messageLength(b)
	if n > maxHeld-messageHeader {
		return Name{}, none
	}
	if !holdsMessage(b) {
		return Name{}, more
	}
	name := Name{Source: source}
	if !name.readClientHello(b[messageHeader : messageHeader+n]) {
		return Name{}, none
	}
	return name, found
}

// readClientHello reads RFC 8446 section 4.1.2, which is also that of older versions. It is false where there is
// no name, or the message is damaged.
func (name *Name) readClientHello(b []byte) bool {
	c := cursor{rest: b}
	c.take(2 + 32) // legacy_version, random
	c.vector(1)    // legacy_session_id
	c.vector(2)    // cipher_suites
	c.vector(1)    // legacy_compression_methods
	extensions := c.vector(2)
	for len(extensions.rest) > 0 {
		kind := extensions.number(2)
		data := extensions.vector(2)
		if kind == extensionServerName && (name.Host != "" || !name.readServerName(data)) {
			return false
		}
	}
	return !c.bad && !extensions.bad && name.Host != ""
}

// readServerName reads RFC 6066 section 3: a list that has at most one name of each type.
func (name *Name) readServerName(c cursor) bool {
	list := c.vector(2)
	for len(list.rest) > 0 {
		kind := list.number(1)
		data := list.vector(2)
		if kind == nameTypeHost && !list.bad {
			host, ok := cleanHost(data.rest)
			name.Host = host
			return ok
		}
	}
	return false
}
