package dots

import (
	"crypto/sha256"
	"slices"
	"strings"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// largestBlock is 1024 bytes, the most that one message carries (RFC 7959 section 2.2; RFC 9132 section 7.3).
const largestBlock = 6

// snapshot is the body that a peer is reading in blocks: lifetimes run down meanwhile, so that another would not fit.
type snapshot struct {
	path string
	body []byte
}

// block leaves of an answer to m the block that was asked for, or the first where all of it is too long (RFC 7959;
// RFC 9132 section 4.4.2 wants an ETag with it).
func (x *exchange) block(m coap.Message, r *coap.Message) {
	option, asked := m.Option(coap.Block2)
	if wire.Code(r.Code) != wire.Content || !asked && len(r.Payload) <= 16<<largestBlock {
		return
	}
	value, ok := option.Uint()
	number, size := int(value>>4), min(int(value&7), largestBlock)
	if !asked {
		size = largestBlock
	}
	path := strings.Join(m.Path(), "/")
	if number > 0 && x.reading.path == path {
		r.Payload = x.reading.body
	} else {
		x.reading = snapshot{path, r.Payload}
	}
	start := number * (16 << size)
	if !ok || value&7 == 7 || start >= len(r.Payload) {
		*r = coap.Message{Type: r.Type, Code: coap.Code(wire.BadRequest), ID: r.ID, Token: r.Token, Payload: []byte("there is no such block")}
		return
	}
	tag := sha256.Sum256(r.Payload)
	end := min(start+(16<<size), len(r.Payload))
	more := uint32(0)
	if end < len(r.Payload) {
		more = 1
	}
	r.Payload = r.Payload[start:end]
	r.Options = slices.Concat(r.Options, []coap.Option{
		{Number: coap.ETag, Value: tag[:8]}, coap.Number(coap.Block2, uint32(number)<<4|more<<3|uint32(size)),
	})
}
