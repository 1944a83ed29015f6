package fetch

import (
	"errors"
	"fmt"
	"net/http"

	"spinneret/mud"
)

// errRedirect is why a redirect was not followed.
var errRedirect = errors.New("redirect not followed")

// follow lets a request go on as RFC 8520 1.6 wants it, but not to where the first URL might not have led. For good
// (301, 308) nobody moves to another host: who took over a server could take over its devices.
func (f *Fetcher) follow(from mud.URL, resp *http.Response) (mud.URL, error) {
	to, err := from.Resolve(resp.Header.Get("Location"))
	status := resp.StatusCode
	switch {
	case err != nil:
		return mud.URL{}, fmt.Errorf("%w: %w", errRedirect, err)
	case !f.mayCall(to):
		return mud.URL{}, fmt.Errorf("%w: to another port", errRedirect)
	case (status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect) && to.Host() != from.Host():
		return mud.URL{}, fmt.Errorf("%w: %q moved to %q for good, the owner must agree", errRedirect, from.Host(), to.Host())
	}
	return to, nil
}

func (f *Fetcher) mayCall(u mud.URL) bool {
	return u.Port() == 443 || f.c.Port != nil && f.c.Port(u.Host(), u.Port())
}
