package isp

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"spinneret/dots/isp/store"
)

// known tells who a caller of the API is, as the log has it; errAnonymous is for who did not say so.
type known func(r *http.Request) (string, error)

// byKey is where a request's context has who asks.
type byKey struct{}

// by is who asks.
func by(r *http.Request) string {
	name, _ := r.Context().Value(byKey{}).(string)
	return name
}

func withCaller(r *http.Request, name string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), byKey{}, name))
}

// onSocket: the kernel lets nobody else open it.
func onSocket(*http.Request) (string, error) { return "socket", nil }

// byAddress is where no tokens are set.
func byAddress(r *http.Request) (string, error) {
	at, _ := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().String(), nil
}

// tokenFile has a token in each line, or a name for the log and then the token. It is read for every call: a token that
// is taken out is good for nothing at once.
type tokenFile string

var errAnonymous = errors.New("send the token: Authorization: Bearer TOKEN")

func (f tokenFile) known(r *http.Request) (string, error) {
	list, err := f.read()
	if err != nil {
		return "", err
	}
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), tokenPrefix)
	from, _ := byAddress(r)
	for _, t := range list {
		if same(t.secret, given) {
			return t.name + " at " + from, nil
		}
	}
	return "", errAnonymous
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

type token struct{ name, secret string }

// read is told to strangers too where it fails: it names the option, and not the file.
func (f tokenFile) read() (list []token, err error) {
	data, err := os.ReadFile(string(f))
	if err != nil {
		return nil, fmt.Errorf("read option token_file: %w", errors.Unwrap(err))
	}
	for i, line := range strings.Split(string(data), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		t := token{"token", words[len(words)-1]}
		if len(words) > 1 {
			t.name = words[0]
		}
		if len(words) > 2 || !store.ValidID(t.name) || len(t.secret) < minToken {
			return nil, fmt.Errorf("read option token_file: line %d: write NAME TOKEN, with a token of at least %d characters, for example from openssl rand -hex 20", i+1, minToken)
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("read option token_file: there is no token: write one of at least %d characters, for example from openssl rand -hex 20", minToken)
	}
	return list, nil
}
