package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"spinneret/mud"
)

// maxInformed is how many answers may come before the answer (RFC 9110 15.2).
const maxInformed = 4

// request is one question to one server. http.Transport could ask it too: it keeps connections, speaks HTTP/2 and knows
// proxies, none of which is wanted here, and a router's flash would have to hold it.
type request struct {
	u      mud.URL
	accept string
	have   Version
}

// connect calls the server, and checks its certificate.
func (f *Fetcher) connect(ctx context.Context, u mud.URL) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*stepTimeout)
	defer cancel()
	plain, err := f.dial(ctx, u.Host(), strconv.Itoa(int(u.Port())))
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, &tls.Config{ServerName: u.Host(), RootCAs: f.c.Roots, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return conn, nil
}

// exchange sends the request, with no cookies, no Referer and nothing else that tells of the home, and reads the
// answer's header. Its body is not inflated: limits hold for what arrives.
func (r request) exchange(conn net.Conn, agent string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, r.u.String(), nil) // it does not wait: the connection has the deadline
	if err != nil {
		return nil, &Error{Bad, err}
	}
	req.Close = true
	req.Header.Set("Accept", r.accept)
	req.Header.Set("Accept-Language", "*") // RFC 8520 1.6 wants one; what the home speaks is nobody's business
	req.Header.Set("User-Agent", agent)
	if r.have.ETag != "" {
		req.Header.Set("If-None-Match", r.have.ETag)
	} else if r.have.LastModified != "" {
		req.Header.Set("If-Modified-Since", r.have.LastModified)
	}
	if err := conn.SetDeadline(time.Now().Add(stepTimeout)); err != nil {
		return nil, err
	}
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	limit := &io.LimitedReader{R: conn, N: maxHeaders}
	from := bufio.NewReader(limit)
	for range maxInformed {
		resp, err := http.ReadResponse(from, req)
		if err != nil {
			return nil, fmt.Errorf("read the answer's header: %w", err)
		}
		if resp.StatusCode >= http.StatusOK {
			limit.N = 2 * mud.MaxFile // in chunks it is longer than its content
			return resp, conn.SetDeadline(time.Now().Add(wholeTimeout))
		}
	}
	return nil, &Error{Bad, fmt.Errorf("the server gives no answer in %d", maxInformed)}
}
