package auth

import (
	"errors"
	"strconv"
	"time"
)

// MaxTokens bounds the API tokens.
const MaxTokens = 16

// What may be wrong about tokens.
var (
	ErrTokensFull   = errors.New("there are 16 tokens already: revoke one first")
	ErrUnknownToken = errors.New("there is no such token")
)

// Token is a key for another program, which may read what a viewer may.
type Token struct {
	ID      string
	Name    string
	Created time.Time
}

type token struct {
	life
	Token
	hash digest
}

// Tokens are all tokens, oldest first.
func (k *Keeper) Tokens() []Token {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]Token, 0, len(k.tokens))
	for _, t := range k.tokens {
		list = append(list, t.Token)
	}
	return list
}

// AddToken makes a token. Its text is given here and never again.
func (k *Keeper) AddToken(l Login, name string) (made Token, text string, err error) {
	text = newText()
	t := &token{life: newLife(), hash: digestOf(text), Token: Token{Name: name, Created: k.config.Now()}}
	k.mu.Lock()
	if len(k.tokens) >= MaxTokens {
		k.mu.Unlock()
		return Token{}, "", ErrTokensFull
	}
	t.ID = k.nextTokenLocked()
	k.tokens = append(k.tokens, t)
	k.mu.Unlock()
	if err := k.save(); err != nil {
		k.dropToken(t.ID)
		return Token{}, "", err
	}
	k.config.Audit("audit", l.mac, "door.token", strconv.Quote(name))
	return t.Token, text, nil
}

func (k *Keeper) nextTokenLocked() string {
	last := 0
	for _, t := range k.tokens {
		if n, err := strconv.Atoi(t.ID[1:]); err == nil {
			last = max(last, n)
		}
	}
	return "t" + strconv.Itoa(last+1)
}

// RevokeToken ends a token, and what it reads at the moment.
func (k *Keeper) RevokeToken(l Login, id string) error {
	t := k.dropToken(id)
	if t == nil {
		return ErrUnknownToken
	}
	k.config.Audit("audit", l.mac, "door.token.gone", strconv.Quote(t.Name))
	return k.save()
}

func (k *Keeper) dropToken(id string) *token {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, t := range k.tokens {
		if t.ID == id {
			t.end()
			k.tokens = append(k.tokens[:i:i], k.tokens[i+1:]...)
			return t
		}
	}
	return nil
}

// Bearer is the login of an API token.
func (k *Keeper) Bearer(text string) (Login, bool) {
	hash := digestOf(text)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.tokens {
		if t.hash == hash {
			return Login{User: t.Name, Role: Viewer, keeper: k, token: t}, true
		}
	}
	return Login{}, false
}
