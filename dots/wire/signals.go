package wire

import "net/netip"

// EncodeHeartbeat is the body of a heartbeat; peer says whether the other's were heard (RFC 9132 section 4.7).
func EncodeHeartbeat(peer bool) []byte {
	return encode(map[uint64]any{keyHeartbeat: map[uint64]bool{keyPeerStatus: peer}})
}

// DecodeHeartbeat reads the body of a heartbeat. Its errors are *Error.
func DecodeHeartbeat(body []byte) (peer bool, err error) {
	beat, err := inside(body, keyHeartbeat, "heartbeat")
	if err != nil {
		return false, err
	}
	if err := beat.only("heartbeat", keyPeerStatus); err != nil {
		return false, err
	}
	if err := unmarshal(beat[keyPeerStatus], &peer); err != nil {
		return false, badRequest("peer-hb-status (key 51) is missing or no yes or no")
	}
	return peer, nil
}

// RedirectForever is the ttl of a redirection that stays until told otherwise (RFC 9132 section 4.6).
const RedirectForever = 1<<32 - 1

// Redirection sends a home to another address of its provider (RFC 9066 section 5.2.2).
type Redirection struct {
	Name      string // what its certificate must say
	Addresses []netip.Addr
	TTL       *uint32 // seconds; zero: this attack only
}

type redirectBody struct {
	Signal struct {
		Name   string   `cbor:"32773"`
		Record []string `cbor:"32774,omitempty"`
		TTL    *uint32  `cbor:"32775,omitempty"`
	} `cbor:"46"`
}

// DecodeRedirection reads the body of a PUT for a redirection. Its errors are *Error.
func DecodeRedirection(body []byte) (Redirection, error) {
	signal, err := inside(body, keyRedirected, "redirected-signal")
	if err != nil {
		return Redirection{}, err
	}
	if err := signal.only("redirected-signal"); err != nil {
		return Redirection{}, err
	}
	raw, _ := untag(body)
	var b redirectBody
	if err := unmarshal(raw, &b); err != nil {
		return Redirection{}, badRequest("an attribute of redirected-signal has the wrong type")
	}
	r := Redirection{Name: b.Signal.Name, TTL: b.Signal.TTL}
	if r.Name == "" || len(r.Name) > maxText {
		return Redirection{}, badRequest("alt-ch-client (key 32773) is missing or too long")
	}
	for _, text := range b.Signal.Record {
		a, err := netip.ParseAddr(text)
		if err != nil || !possible(a) || a.Zone() != "" {
			return Redirection{}, badRequest("alt-ch-client-record (key 32774) has an entry that is no host's address")
		}
		r.Addresses = append(r.Addresses, a)
	}
	return r, nil
}

// Encode is the body of a PUT for r.
func (r Redirection) Encode() []byte {
	var b redirectBody
	b.Signal.Name, b.Signal.TTL = r.Name, r.TTL
	for _, a := range r.Addresses {
		b.Signal.Record = append(b.Signal.Record, a.String())
	}
	return encode(b)
}
