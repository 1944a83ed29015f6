package auth

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
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
	sort.Slice(out.Sessions, func(i, j int) bool { return out.Sessions[i].Hash < out.Sessions[j].Hash })
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
