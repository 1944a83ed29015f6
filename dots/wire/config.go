package wire

// Settings are the parameters of a session in one of its two states (RFC 9132 section 4.5).
type Settings struct {
	Heartbeat     uint32 // seconds between heartbeats; 0: none
	Missing       uint32 // heartbeats that may be missed, over UDP
	MaxRetransmit uint32 // of confirmable messages
	AckTimeout    uint32 // hundredths of a second
	AckRandom     uint32 // hundredths: a factor
	Probing       uint32 // bytes/s towards a silent peer
}

// SessionConfig is what a session does while a mitigation is active, and while none is.
type SessionConfig struct{ Mitigating, Idle Settings }

// Ranges are the values that a server accepts.
type Ranges struct{ Min, Max Settings }

// Defaults are the values before anything was agreed (RFC 9132 section 4.5.2).
func Defaults() SessionConfig {
	s := Settings{Heartbeat: 30, Missing: 15, MaxRetransmit: 3, AckTimeout: 200, AckRandom: 150, Probing: 5}
	return SessionConfig{s, s}
}

// UsualRanges are those of RFC 9132 figure 20.
func UsualRanges() Ranges {
	return Ranges{
		Min: Settings{Heartbeat: 15, Missing: 3, MaxRetransmit: 2, AckTimeout: 100, AckRandom: 110, Probing: 5},
		Max: Settings{Heartbeat: 240, Missing: 20, MaxRetransmit: 15, AckTimeout: 3000, AckRandom: 400, Probing: 20},
	}
}

// The CBOR shapes of a configuration. In a request only the current values may stand (RFC 9132 section 4.5.2).
type (
	configBody struct {
		Config struct {
			Mitigating *settingsBody `cbor:"32,omitempty"`
			Idle       *settingsBody `cbor:"44,omitempty"`
		} `cbor:"30"`
	}
	settingsBody struct {
		Heartbeat     *numberBody  `cbor:"33,omitempty"`
		Missing       *numberBody  `cbor:"37,omitempty"`
		MaxRetransmit *numberBody  `cbor:"38,omitempty"`
		AckTimeout    *decimalBody `cbor:"39,omitempty"`
		AckRandom     *decimalBody `cbor:"40,omitempty"`
		Probing       *numberBody  `cbor:"50,omitempty"`
	}
	numberBody struct {
		Max     *uint32 `cbor:"34,omitempty"`
		Min     *uint32 `cbor:"35,omitempty"`
		Current *uint32 `cbor:"36,omitempty"`
	}
	decimalBody struct {
		Max     *Decimal `cbor:"41,omitempty"`
		Min     *Decimal `cbor:"42,omitempty"`
		Current *Decimal `cbor:"43,omitempty"`
	}
)

// EncodeConfig is the answer to a GET: what is in force, and what could be.
func EncodeConfig(c SessionConfig, r Ranges) []byte {
	var b configBody
	b.Config.Mitigating, b.Config.Idle = c.Mitigating.body(r), c.Idle.body(r)
	return encode(b)
}

// body is s in its CBOR shape, with the ranges.
func (s Settings) body(r Ranges) *settingsBody {
	number := func(current, least, most *uint32) *numberBody { return &numberBody{most, least, current} }
	decimal := func(current, least, most *uint32) *decimalBody {
		return &decimalBody{(*Decimal)(most), (*Decimal)(least), (*Decimal)(current)}
	}
	return &settingsBody{
		Heartbeat:     number(&s.Heartbeat, &r.Min.Heartbeat, &r.Max.Heartbeat),
		Missing:       number(&s.Missing, &r.Min.Missing, &r.Max.Missing),
		MaxRetransmit: number(&s.MaxRetransmit, &r.Min.MaxRetransmit, &r.Max.MaxRetransmit),
		AckTimeout:    decimal(&s.AckTimeout, &r.Min.AckTimeout, &r.Max.AckTimeout),
		AckRandom:     decimal(&s.AckRandom, &r.Min.AckRandom, &r.Max.AckRandom),
		Probing:       number(&s.Probing, &r.Min.Probing, &r.Max.Probing),
	}
}

// DecodeConfig reads the answer to a GET: what is in force, and the ranges.
func DecodeConfig(body []byte) (c SessionConfig, r Ranges, err error) {
	b, err := decodeConfig(body)
	if err != nil {
		return c, r, err
	}
	c = Defaults()
	b.Config.Mitigating.read(&c.Mitigating, &r)
	b.Config.Idle.read(&c.Idle, &r)
	return c, r, nil
}

// read takes what a set says, of nothing nothing.
func (b *settingsBody) read(s *Settings, r *Ranges) {
	for _, f := range b.fields() {
		f.take(f.current, s)
		f.take(f.least, &r.Min)
		f.take(f.most, &r.Max)
	}
}

func decodeConfig(body []byte) (b configBody, err error) {
	config, err := inside(body, keySignalConfig, "signal-config")
	if err != nil {
		return b, err
	}
	if err := config.only("signal-config", keyMitigating, keyIdle); err != nil {
		return b, err
	}
	raw, _ := untag(body)
	if err := unmarshal(raw, &b); err != nil {
		return b, badRequest("an attribute of signal-config has the wrong type")
	}
	return b, nil
}
