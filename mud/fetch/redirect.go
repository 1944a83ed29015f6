package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"spinneret/mud"
)

// errRedirect is why a redirect was not followed.
var errRedirect = errors.New("redirect not followed")

// redirect lets a request go on as RFC 8520 1.6 wants it, but not to where the first URL might not have led. For good
// (301, 308) nobody moves to another host: who took over a server could take over its devices.
func (f *Fetcher) redirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer")
	to, err := mud.ParseURL(req.URL.String())
	from := via[len(via)-1].URL.Hostname()
	status := req.Response.StatusCode
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errRedirect, err)
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d", errRedirect, maxRedirects)
	case !f.mayCall(to):
		return fmt.Errorf("%w: to another port", errRedirect)
	case (status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect) && !strings.EqualFold(to.Host(), from):
		return fmt.Errorf("%w: %q moved to %q for good, the owner must agree", errRedirect, from, to.Host())
	}
	return nil
}

func (f *Fetcher) mayCall(u mud.URL) bool {
	return u.Port() == 443 || f.c.Port != nil && f.c.Port(u.Host(), u.Port())
}
