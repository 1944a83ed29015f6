package wire

// requestKeys are the attributes of a mitigation request (RFC 9132 section 4.4.1.1, RFC 9066 section 5.3.1). Others
// below 128 are the server's to say, or belong to what a home does not offer: aliases, filters by name.
var requestKeys = []uint64{
	keyTargetPrefix, keyTargetPorts, keyProtocol, keyFQDN, keyURI, keyLifetime, keyAttackStatus, keyTrigger,
}

// listKeys are attributes that may not be empty in a request.
var listKeys = []uint64{
	keyTargetPrefix, keyTargetPorts, keyProtocol, keyFQDN, keyURI, keySourcePrefix, keySourcePorts, keySourceICMP,
}

// DecodeRequest reads the body of a PUT for a mitigation, strictly (RFC 9132 section 4.4.1, RFC 9066 section 5.3.1).
// Its errors are *Error.
func DecodeRequest(body []byte) (Request, error) {
	mitigation, err := inside(body, keyMitigationScope, "mitigation-scope")
	if err != nil {
		return Request{}, err
	}
	if err := mitigation.only("mitigation-scope", keyScope); err != nil {
		return Request{}, err
	}
	var scopes []rawCBOR
	if err := unmarshal(mitigation[keyScope], &scopes); err != nil || len(scopes) != 1 {
		return Request{}, badRequest("scope (key 2) is to be a list of exactly one")
	}
	one, err := open(scopes[0], "scope")
	if err != nil {
		return Request{}, err
	}
	if err := one.checkRequest(); err != nil {
		return Request{}, err
	}
	var b scopeBody
	if err := unmarshal(scopes[0], &b); err != nil {
		return Request{}, badRequest("an attribute of scope has the wrong type")
	}
	return b.request()
}

// checkRequest looks at which attributes there are, before what they say.
func (o object) checkRequest() error {
	if err := o.only("scope", requestKeys...); err != nil {
		return err
	}
	for _, key := range listKeys {
		if _, there := o[key]; !there {
			continue
		}
		var list []rawCBOR
		if err := o.read(key, &list); err != nil {
			return err
		}
		if len(list) == 0 {
			return badRequest("%s (key %d) is empty: leave it out", names[key], key)
		}
		if err := entries(list, key); err != nil {
			return err
		}
	}
	if _, there := o[keyTrigger]; !there {
		return nil
	}
	var trigger bool
	if err := o.read(keyTrigger, &trigger); err != nil {
		return err
	}
	if !trigger {
		return badRequest("trigger-mitigation false has no place in a call home (RFC 9066 section 5.3.1)")
	}
	return nil
}

// entries checks the maps in a list of ranges, and the length of names.
func entries(list []rawCBOR, key uint64) error {
	for _, raw := range list {
		switch key {
		case keyTargetPorts, keySourcePorts:
			r, err := open(raw, names[key])
			if err != nil {
				return err
			}
			if err := r.only(names[key], keyLowerPort, keyUpperPort); err != nil {
				return err
			}
		case keySourceICMP:
			if _, err := open(raw, names[key]); err != nil {
				return err
			}
		default:
			if len(raw) > maxText {
				return badRequest("%s (key %d) has an entry that is too long", names[key], key)
			}
		}
	}
	return nil
}

// request checks what the attributes say.
func (b scopeBody) request() (Request, error) {
	scope, err := b.scope()
	if err != nil {
		return Request{}, err
	}
	switch {
	case b.Lifetime == nil:
		return Request{}, badRequest("lifetime (key 14) is missing")
	case *b.Lifetime == 0 || *b.Lifetime < Indefinite:
		return Request{}, badRequest("lifetime %d is neither -1 nor above 0", *b.Lifetime)
	case len(scope.Targets) == 0:
		return Request{}, badRequest("target-prefix (key 6) is missing")
	case len(scope.Sources) == 0:
		return Request{}, badRequest("source-prefix (key 32768) is missing")
	case b.AttackStatus > AttackMitigate:
		return Request{}, badRequest("attack-status %d is unknown", b.AttackStatus)
	}
	return Request{Scope: scope, Lifetime: *b.Lifetime, Efficacy: b.AttackStatus}, nil
}

// Encode is the body of a PUT for r.
func (r Request) Encode() []byte {
	var b scopeBody
	b.fill(r.Scope)
	b.Lifetime, b.AttackStatus = &r.Lifetime, r.Efficacy
	return encode(mitigationBody{scopesBody{[]scopeBody{b}}})
}
