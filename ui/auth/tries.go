package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// pace allows a number of tries at once, and one more each time that passes.
type pace struct {
	burst int
	every time.Duration
}

// How often a password may be tried. Everybody in the home can reach the login, so whatever closes it for all would
// let one bad device lock the owner out. Hence
//   - a client spends its own tries first: who guesses all day leaves those of all others untouched;
//   - the pace in all, which bounds guessing from many made-up MACs, holds only for browsers that never logged in as
//     that user. One that did shows a cookie that no other has, and has its own tries. A viewer, who gets as many
//     such cookies as there are log-ins, is a stranger to the owner's password;
//   - an owner's session, the unix socket and LuCI's tickets are not limited at all. (A viewer's session is: it
//     could guess the owner's password.)
//
// So under any attack the owner gets in from a browser used before, from LuCI or on the router; only a new browser
// may have to wait.
var (
	clientPace = pace{burst: 5, every: 30 * time.Second}
	totalPace  = pace{burst: 20, every: 15 * time.Second}
	tellPace   = pace{burst: 5, every: 10 * time.Minute}  // of wrong passwords among the owner's events
	viewerPace = pace{burst: 20, every: 10 * time.Minute} // of viewers' comings and goings there
	writePace  = pace{burst: 5, every: 10 * time.Minute}  // of log-ins that are written at once
)

// maxClients bounds the clients whose tries are counted.
const maxClients = 256

// bucket counts tries: it holds the moment at which all are there again.
type bucket struct{ full time.Time }

// take takes one try. Where there is none it says how long to wait for it.
func (b *bucket) take(now time.Time, p pace) (wait time.Duration, ok bool) {
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(p.every)
	if wait := full.Sub(now) - time.Duration(p.burst)*p.every; wait > 0 {
		return wait, false
	}
	b.full = full
	return 0, true
}

func (b *bucket) giveBack(p pace) { b.full = b.full.Add(-p.every) }

// tries are the attempts of all.
type tries struct {
	clients map[string]*bucket
	total   bucket
	told    bucket
	viewers bucket // their events
	written bucket // log-ins
	wrong   int    // passwords, since the start
}

func newTries() tries { return tries{clients: map[string]*bucket{}} }

// TooMany is the error of an attempt that must wait.
type TooMany struct{ Wait time.Duration }

func (e *TooMany) Error() string {
	return fmt.Sprintf("too many attempts: wait %s", e.Wait.Round(time.Second))
}

// take spends a try of the client with this key, and one of all where it is a stranger.
func (t *tries) take(now time.Time, key string, stranger bool) error {
	b := t.client(now, key)
	if wait, ok := b.take(now, clientPace); !ok {
		return &TooMany{Wait: wait}
	}
	if !stranger {
		return nil
	}
	wait, ok := t.total.take(now, totalPace)
	if !ok {
		b.giveBack(clientPace)
		return &TooMany{Wait: wait}
	}
	return nil
}

// giveBack is for a try that was no guess: the password was right, or was not looked at.
func (t *tries) giveBack(key string, stranger bool) {
	if b := t.clients[key]; b != nil {
		b.giveBack(clientPace)
	}
	if stranger {
		t.total.giveBack(totalPace)
	}
}

func (t *tries) client(now time.Time, key string) *bucket {
	if b := t.clients[key]; b != nil {
		return b
	}
	if len(t.clients) >= maxClients {
		t.forget(now)
	}
	b := &bucket{}
	t.clients[key] = b
	return b
}

// forget drops the clients that have all their tries again, and else the one that is nearest to it. Who makes up
// new MACs to be forgotten still meets the pace in all.
func (t *tries) forget(now time.Time) {
	nearest := ""
	for key, b := range t.clients {
		if !b.full.After(now) {
			delete(t.clients, key)
		} else if nearest == "" || b.full.Before(t.clients[nearest].full) {
			nearest = key
		}
	}
	if len(t.clients) >= maxClients {
		delete(t.clients, nearest)
	}
}

const nonceLen = 16 // bytes

// newBrowser is the cookie of a browser in which somebody logged in. It opens nothing. Nothing is kept of it: the
// key that signed it tells it from a made-up one, and logging out everywhere changes the key.
func newBrowser(key []byte, role Role) string {
	nonce := randomBytes()[:nonceLen]
	return base64.RawURLEncoding.EncodeToString(append(nonce, signature(key, nonce, role)...))
}

func signature(key, nonce []byte, role Role) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("spinneret browser " + role + " "))
	mac.Write(nonce)
	return mac.Sum(nil)
}

// knownBrowser names the browser of a cookie that we gave to this role, or to the owner.
func knownBrowser(key []byte, cookie string, role Role) (name string, ok bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(cookie)
	if err != nil || len(data) != nonceLen+sha256.Size || strings.ContainsAny(cookie, "\r\n") {
		return "", false
	}
	nonce, sum := data[:nonceLen], data[nonceLen:]
	known := hmac.Equal(sum, signature(key, nonce, Owner)) || hmac.Equal(sum, signature(key, nonce, role))
	return "browser " + string(nonce), known
}
