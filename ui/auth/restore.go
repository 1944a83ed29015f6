package auth

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// restore takes over what was saved, all or nothing.
func (k *Keeper) restore(in saved) error {
	key, err := hex.DecodeString(in.Browsers)
	if err != nil || len(key) != secretLen {
		return errors.New("parse logins: the key of known browsers is broken")
	}
	users, err := restoreUsers(in.Users)
	if err != nil {
		return err
	}
	sessions, err := restoreSessions(in.Sessions)
	if err != nil {
		return err
	}
	tokens, err := restoreTokens(in.Tokens)
	if err != nil {
		return err
	}
	k.browserKey, k.users, k.sessions, k.tokens = key, users, sessions, tokens
	for mac, at := range in.Owners {
		k.owners[mac] = at.time()
	}
	return nil
}

func restoreUsers(in map[Role]string) (map[Role]secret, error) {
	users := map[Role]secret{}
	for role, text := range in {
		s, err := parseSecret(text)
		if err != nil {
			return nil, err
		}
		if !role.known() {
			return nil, fmt.Errorf("parse logins: unknown user %q", role)
		}
		users[role] = s
	}
	return users, nil
}

func restoreSessions(in []savedSession) (map[digest]*session, error) {
	sessions := map[digest]*session{}
	for _, s := range in {
		id, err := parseDigest(s.Hash)
		if err != nil {
			return nil, err
		}
		if !s.Role.known() || s.Client == "" {
			return nil, errors.New("parse logins: a session has no role or nobody's device")
		}
		sessions[id] = &session{
			life: newLife(), id: id, user: s.User, role: s.Role, client: s.Client, mac: s.MAC,
			created: s.Created.time(), used: s.Used.time(), savedUse: s.Used.time(),
		}
	}
	return sessions, nil
}

func restoreTokens(in []savedToken) ([]*token, error) {
	var tokens []*token
	for _, t := range in {
		hash, err := parseDigest(t.Hash)
		if err != nil {
			return nil, err
		}
		if !isTokenID(t.ID) {
			return nil, fmt.Errorf("parse logins: token number %q", t.ID)
		}
		tokens = append(tokens, &token{life: newLife(), hash: hash, Token: Token{t.ID, t.Name, t.Created.time()}})
	}
	return tokens, nil
}

// isTokenID reports whether an ID is one that we give: t and a number.
func isTokenID(id string) bool {
	digits, ok := strings.CutPrefix(id, "t")
	n, err := strconv.ParseUint(digits, 10, 32)
	return ok && err == nil && n > 0 && n < 1e9 && strconv.FormatUint(n, 10) == digits
}

func parseDigest(text string) (digest, error) {
	var d digest
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(d) {
		return d, errors.New("parse logins: a hash is broken")
	}
	copy(d[:], b)
	return d, nil
}
