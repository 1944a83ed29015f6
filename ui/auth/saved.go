package auth

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// maxSaved bounds what is read from the store, in bytes: all places taken are a tenth of it.
const maxSaved = 256 << 10

const savedVersion = 1

// saved is the state as the store has it. Nothing in it opens the door but by guessing a password.
type saved struct {
	Version  int               `json:"version"`
	Users    map[Role]string   `json:"users"` // to the password's hash
	Sessions []savedSession    `json:"sessions"`
	Tokens   []savedToken      `json:"tokens"`
	Owners   map[string]moment `json:"owners"`     // MAC to the last use of an owner's session
	Browsers string            `json:"browserKey"` // hex
}

type savedSession struct {
	Hash    string `json:"hash"` // hex
	User    string `json:"user"`
	Role    Role   `json:"role"`
	Client  string `json:"client"`
	MAC     string `json:"mac"`
	Created moment `json:"created"`
	Used    moment `json:"used"`
}

type savedToken struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Hash    string `json:"hash"` // hex
	Created moment `json:"created"`
}

// moment is a time in Unix seconds.
type moment int64

func momentOf(t time.Time) moment { return moment(t.Unix()) }
func (m moment) time() time.Time  { return time.Unix(int64(m), 0).UTC() }
func (d digest) String() string   { return hex.EncodeToString(d[:]) }
func (r Role) known() bool        { return r == Owner || r == Viewer }

func (k *Keeper) encodeLocked() ([]byte, error) {
	out := saved{
		Version: savedVersion, Users: map[Role]string{}, Sessions: []savedSession{}, Tokens: []savedToken{},
		Owners: map[string]moment{}, Browsers: hex.EncodeToString(k.browserKey),
	}
	for role, s := range k.users {
		out.Users[role] = s.String()
	}
	for _, s := range k.sessions {
		s.savedUse = s.used
		out.Sessions = append(out.Sessions, savedSession{
			s.id.String(), s.user, s.role, s.client, s.mac, momentOf(s.created), momentOf(s.used),
		})
	}
	slices.SortFunc(out.Sessions, func(a, b savedSession) int { return strings.Compare(a.Hash, b.Hash) })
	for _, t := range k.tokens {
		out.Tokens = append(out.Tokens, savedToken{t.ID, t.Name, t.hash.String(), momentOf(t.Created)})
	}
	for mac, at := range k.owners {
		out.Owners[mac] = momentOf(at)
	}
	data, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode logins: %w", err)
	}
	return data, nil
}

func (k *Keeper) load() error {
	data, err := k.config.Store.Load()
	if err != nil {
		return fmt.Errorf("load logins: %w", err)
	}
	if len(data) == 0 {
		return nil
	}
	in, err := parseSaved(data)
	if err != nil {
		return err
	}
	return k.restore(in)
}

// parseSaved reads the outer form of what was saved.
func parseSaved(data []byte) (saved, error) {
	var in saved
	if len(data) > maxSaved {
		return in, errors.New("parse logins: longer than 256 KiB")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, fmt.Errorf("parse logins: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return in, errors.New("parse logins: something follows the object")
	}
	if in.Version != savedVersion {
		return in, fmt.Errorf("parse logins: version %d is not of this program", in.Version)
	}
	if len(in.Sessions) > MaxSessions || len(in.Tokens) > MaxTokens || len(in.Owners) > MaxSessions {
		return in, errors.New("parse logins: more entries than are ever written")
	}
	return in, nil
}

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

var tokenID = regexp.MustCompile(`^t[1-9][0-9]{0,8}$`)

func restoreTokens(in []savedToken) ([]*token, error) {
	var tokens []*token
	for _, t := range in {
		hash, err := parseDigest(t.Hash)
		if err != nil {
			return nil, err
		}
		if !tokenID.MatchString(t.ID) {
			return nil, fmt.Errorf("parse logins: token number %q", t.ID)
		}
		tokens = append(tokens, &token{life: newLife(), hash: hash, Token: Token{t.ID, t.Name, t.Created.time()}})
	}
	return tokens, nil
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
