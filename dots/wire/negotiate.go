package wire

// field is one parameter of a set in a message, and where it stands in Settings.
type field struct {
	key                  uint64
	current, least, most *uint32 // nil where not given
	of                   func(*Settings) *uint32
}

func (f field) take(given *uint32, to *Settings) {
	if given != nil {
		*f.of(to) = *given
	}
}

// fields lists the parameters that a set has.
func (b *settingsBody) fields() (list []field) {
	if b == nil {
		return nil
	}
	number := func(key uint64, n *numberBody, of func(*Settings) *uint32) {
		if n != nil {
			list = append(list, field{key, n.Current, n.Min, n.Max, of})
		}
	}
	decimal := func(key uint64, d *decimalBody, of func(*Settings) *uint32) {
		if d != nil {
			list = append(list, field{key, (*uint32)(d.Current), (*uint32)(d.Min), (*uint32)(d.Max), of})
		}
	}
	number(33, b.Heartbeat, func(s *Settings) *uint32 { return &s.Heartbeat })
	number(37, b.Missing, func(s *Settings) *uint32 { return &s.Missing })
	number(38, b.MaxRetransmit, func(s *Settings) *uint32 { return &s.MaxRetransmit })
	decimal(39, b.AckTimeout, func(s *Settings) *uint32 { return &s.AckTimeout })
	decimal(40, b.AckRandom, func(s *Settings) *uint32 { return &s.AckRandom })
	number(keyProbingRate, b.Probing, func(s *Settings) *uint32 { return &s.Probing })
	return list
}

// settingKeys are the parameters that a request may set.
var settingKeys = []uint64{33, 37, 38, 39, 40, keyProbingRate}

// Negotiate reads the body of a PUT for a configuration and returns what then is in force: what it does not name
// stays as it was. A value out of range is 4.22, anything else that is wrong 4.00; both are *Error.
func Negotiate(body []byte, c SessionConfig, r Ranges) (SessionConfig, error) {
	if err := checkConfigRequest(body); err != nil {
		return c, err
	}
	b, err := decodeConfig(body)
	if err != nil {
		return c, err
	}
	set := 0
	for _, half := range []struct {
		from *settingsBody
		to   *Settings
	}{{b.Config.Mitigating, &c.Mitigating}, {b.Config.Idle, &c.Idle}} {
		fields := half.from.fields()
		for _, f := range fields {
			if f.current == nil || f.least != nil || f.most != nil {
				return c, badRequest("parameter %d is to have its current value and nothing else", f.key)
			}
			if *f.current < *f.of(&r.Min) || *f.current > *f.of(&r.Max) {
				return c, &Error{Unprocessable, "a value is out of range: ask GET config for the ranges"}
			}
			f.take(f.current, half.to)
		}
		set += len(fields)
	}
	if set == 0 {
		return c, badRequest("signal-config sets nothing")
	}
	return c, nil
}

// checkConfigRequest refuses parameters that have to be understood and are not.
func checkConfigRequest(body []byte) error {
	config, err := inside(body, keySignalConfig, "signal-config")
	if err != nil {
		return err
	}
	for _, key := range []uint64{keyMitigating, keyIdle} {
		if config[key] == nil {
			continue
		}
		set, err := open(config[key], "a set of parameters")
		if err != nil {
			return err
		}
		if err := set.only("a set of parameters", settingKeys...); err != nil {
			return err
		}
	}
	return nil
}
