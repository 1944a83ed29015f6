package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost of a password's hash (RFC 9106). A router of 128 MB can spare 7 MiB, so time makes up for memory: OWASP
// counts 7 MiB with 5 passes as strong as 19 MiB with 2. Measured in November 2026: 23 ms on a 64-bit PC, 90 ms there
// in 32-bit code; by their clocks and memories that is a second or so on a MIPS 24Kc of 880 MHz.
const (
	hashPasses = 5
	hashMemory = 7 << 10 // KiB
	saltLen    = 16      // bytes
	keyLen     = 32      // bytes
)

// Bounds of a hash that was read: a damaged file must not ask for more memory than the router has.
const (
	maxPasses = 16
	maxMemory = 64 << 10 // KiB
	maxKey    = 64       // bytes
)

// Length of a password, in characters; the upper bound only keeps requests small.
const (
	MinPassword = 8
	MaxPassword = 128
)

// CheckPassword says why a text cannot be a password, or nil.
func CheckPassword(password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return errors.New("password is not UTF-8")
	case n < MinPassword:
		return fmt.Errorf("password is shorter than %d characters: use a longer one, three words will do", MinPassword)
	case n > MaxPassword:
		return fmt.Errorf("password is longer than %d characters: shorten it", MaxPassword)
	case strings.Count(password, password[:utf8.RuneLen([]rune(password)[0])]) == n:
		return errors.New("password is one character repeated: use another")
	}
	return nil
}

// secret is a password as it is kept.
type secret struct {
	passes, memory uint32
	salt, key      []byte
}

func newSecret(password string) secret {
	s := secret{passes: hashPasses, memory: hashMemory, salt: randomBytes()[:saltLen]}
	s.key = s.hash(password, keyLen)
	return s
}

// noSecret matches nothing and takes as long to say so as a real one.
func noSecret() secret {
	return secret{passes: hashPasses, memory: hashMemory, salt: randomBytes()[:saltLen], key: randomBytes()}
}

func (s secret) hash(password string, length int) []byte {
	// The memory is garbage afterwards. Waiting for the collector's own time could double it.
	defer debug.FreeOSMemory()
	return argon2.IDKey([]byte(password), s.salt, s.passes, s.memory, 1, uint32(length))
}

func (s secret) matches(password string) bool {
	return subtle.ConstantTimeCompare(s.hash(password, len(s.key)), s.key) == 1
}

// String writes the hash in the form that other programs read too: $argon2id$v=19$m=7168,t=5,p=1$SALT$KEY.
func (s secret) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, s.memory, s.passes,
		base64.RawStdEncoding.EncodeToString(s.salt), base64.RawStdEncoding.EncodeToString(s.key))
}

// parseSecret reads what String writes, and nothing else.
func parseSecret(text string) (secret, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return secret{}, errors.New("parse password hash: it has not six parts")
	}
	cost := strings.Split(parts[3], ",")
	if len(cost) != 3 {
		return secret{}, errors.New("parse password hash: its cost has not three parts")
	}
	memory, memoryErr := strconv.ParseUint(strings.TrimPrefix(cost[0], "m="), 10, 32)
	passes, passesErr := strconv.ParseUint(strings.TrimPrefix(cost[1], "t="), 10, 32)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(memoryErr, passesErr, saltErr, keyErr); err != nil {
		return secret{}, fmt.Errorf("parse password hash: %w", err)
	}
	s := secret{passes: uint32(passes), memory: uint32(memory), salt: salt, key: key}
	if !s.bounded() || s.String() != text {
		return secret{}, errors.New("parse password hash: it is not one of ours")
	}
	return s, nil
}

func (s secret) bounded() bool {
	return s.passes >= 1 && s.passes <= maxPasses && s.memory >= 1<<10 && s.memory <= maxMemory &&
		len(s.salt) >= 8 && len(s.salt) <= maxKey && len(s.key) >= saltLen && len(s.key) <= maxKey
}

// maxWaiting bounds the strangers who wait for their hash.
const maxWaiting = 4

// hashing does one hash at a time, so that attempts cannot exhaust the memory. Strangers queue among themselves
// first: one of them at most stands before a person who is known.
type hashing struct {
	slotC, strangerC, waitingC chan struct{}
}

func newHashing() hashing {
	return hashing{make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, maxWaiting)}
}

// do runs one hash when its turn has come.
func (h hashing) do(ctx context.Context, stranger bool, hash func()) error {
	if stranger {
		select {
		case h.waitingC <- struct{}{}:
			defer func() { <-h.waitingC }()
		default:
			return &TooMany{Wait: clientPace.every}
		}
		if err := enter(ctx, h.strangerC); err != nil {
			return err
		}
		defer func() { <-h.strangerC }()
	}
	if err := enter(ctx, h.slotC); err != nil {
		return err
	}
	defer func() { <-h.slotC }()
	hash()
	return nil
}

func enter(ctx context.Context, slotC chan struct{}) error {
	select {
	case slotC <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
