// Package auth keeps who may look and who may change: the home's own password, sessions, one-time tickets and API
// tokens. It knows no HTTP and no files: cookies are texts, and a Store keeps its bytes.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Store keeps what the keeper must know after a restart: hashes, never a secret. Load answers nothing and no error
// where nothing was saved yet; Save replaces the whole.
type Store interface {
	Load() ([]byte, error)
	Save(data []byte) error
}

// Config is what a Keeper needs. Store is required.
type Config struct {
	Store Store
	Now   func() time.Time // nil: time.Now; its monotonic part keeps a step of the clock from ending sessions
	Log   *slog.Logger
	// Audit hears what the owner should be able to read later: a key of who writes it in words, with its arguments, of
	// which a Role is somebody who plays it. kind is "login" or "audit"; mac may be "". It is called without locks held, and must not wait for a request that is being answered.
	Audit func(kind, mac, key string, args ...any)
}

// Role is what somebody may do.
type Role string

// The roles. A viewer looks; an owner also cuts off, lets in, and hands out tokens.
const (
	Owner  Role = "owner"
	Viewer Role = "viewer"
)

// Keeper keeps the door. Its methods may be called from any goroutine.
type Keeper struct {
	config  Config
	hashing hashing

	saveMu sync.Mutex // orders the writes; taken before mu

	mu         sync.Mutex
	users      map[Role]secret // each role has one password at most, and its name is the user's
	sessions   map[digest]*session
	tokens     []*token
	tickets    map[digest]ticket
	owners     map[string]time.Time // MAC to the last use of an owner's session that ended
	browserKey []byte
	tries      tries
	damaged    bool // what was saved cannot be read
	dirty      bool // something is to be saved, when it suits
	pushedOut  uint64
	urgent     bool // now: a restart must not let in who is shut out, nor forget who was let in
}

// New makes a keeper of what was saved. Where that cannot be read it lets nobody in by password and offers no first
// run, which a stranger could use: only the unix socket and LuCI, both the router owner's, can set a new password.
func New(c Config) *Keeper {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Audit == nil {
		c.Audit = func(string, string, string, ...any) {}
	}
	k := &Keeper{
		config: c, hashing: newHashing(), users: map[Role]secret{}, sessions: map[digest]*session{},
		tickets: map[digest]ticket{}, owners: map[string]time.Time{}, browserKey: randomBytes(), tries: newTries(),
	}
	if err := k.load(); err != nil {
		k.damaged = true
		c.Log.Error("passwords cannot be read: set a new one on the router", "error", err)
	}
	return k
}

// sweepEvery is how often ended sessions are put away, and written what did not have to be at once.
const sweepEvery = time.Minute

// Run puts away what has expired, and saves, until ctx ends. It returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			k.sweep()
		}
		k.mu.Lock()
		k.urgent = k.urgent || k.dirty
		k.mu.Unlock()
		k.saveOrWarn()
	}
	return nil
}

func (k *Keeper) sweep() {
	now := k.config.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.sessions {
		if s.expired(now) {
			k.endLocked(s)
		}
		if now.Sub(s.savedUse) > writeUseAfter {
			k.dirty = true
		}
	}
	for id, t := range k.tickets {
		if !now.Before(t.ends) {
			delete(k.tickets, id)
		}
	}
}

// digest is all that is kept of a secret that was handed out: who reads the store cannot log in with it.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

const secretLen = 32 // bytes of a secret that is handed out: 256 bits

func randomBytes() []byte {
	b := make([]byte, secretLen)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func newText() string { return base64.RawURLEncoding.EncodeToString(randomBytes()) }

// save writes the whole state. What is written last is always the newest.
func (k *Keeper) save() error {
	k.saveMu.Lock()
	defer k.saveMu.Unlock()
	return k.write()
}

// write is save for who holds saveMu.
func (k *Keeper) write() error {
	k.mu.Lock()
	if k.damaged { // the bytes may still be worth something to a person; a new password replaces them
		k.mu.Unlock()
		return nil
	}
	data, err := k.encodeLocked()
	k.dirty, k.urgent = false, false
	k.mu.Unlock()
	if err == nil {
		err = k.config.Store.Save(data)
	}
	if err != nil {
		k.mu.Lock()
		k.dirty, k.urgent = true, true
		k.mu.Unlock()
		return fmt.Errorf("save logins: %w", err)
	}
	return nil
}

func (k *Keeper) saveIfUrgent() error {
	k.mu.Lock()
	urgent := k.urgent
	k.mu.Unlock()
	if !urgent {
		return nil
	}
	return k.save()
}

func (k *Keeper) saveOrWarn() {
	if err := k.saveIfUrgent(); err != nil {
		k.config.Log.Warn("sessions are not saved", "error", err)
	}
}
