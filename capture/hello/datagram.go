package hello

import (
	"bytes"

	"spinneret/capture/packet"
)

// datagram looks at a UDP datagram that may begin with an Initial packet of QUIC.
func (r *Reader) datagram(p *packet.Packet) (Name, bool) {
	k := keyOf(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.marks.find(&k, p.Time).state == settled {
		return Name{}, false
	}
	for in := range initials(p.Payload) {
		f, content := r.open(&k, in, p)
		if f == nil {
			continue
		}
		for at, data := range cryptoFrames(content) {
			r.flows.put(f, at, data)
		}
		name, v := readHandshake(f.parts.message(), QUIC)
		if v != more || f.fed > 2*maxHeld || len(f.parts.message()) == maxHeld {
			r.finish(&k, p)
			return name, v == found
		}
	}
	return Name{}, false
}

// open takes the protection off a packet, and gives the flow it belongs to. A client makes its keys from the first
// identifier it sends to, keeps them when the server gives it another, and makes new ones after a Retry (RFC 9001
// section 5.2): then its hello begins anew.
func (r *Reader) open(k *key, in *initial, p *packet.Packet) (*flow, []byte) {
	if cap(r.scratch) < len(in.raw) {
		r.scratch = make([]byte, 0, len(in.raw))
	}
	f := r.flows.find(k)
	if f != nil {
		if content, ok := f.keys.open(in.raw, in.number, r.scratch); ok {
			return f, content
		}
	}
	if len(in.id) < minClientID || f != nil && f.keys.version == in.version && bytes.Equal(f.keys.id, in.id) {
		return nil, nil
	}
	keys, err := newKeys(in.version, in.id)
	if err != nil {
		return nil, nil
	}
	content, ok := keys.open(in.raw, in.number, r.scratch)
	if !ok {
		return nil, nil
	}
	r.flows.forget(k)
	f = r.flows.open(k, p.Time)
	f.keys = keys
	return f, content
}
