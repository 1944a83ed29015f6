package ui

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// CaptureQuery says what of a device's packets is wanted.
type CaptureQuery struct {
	For     time.Duration // of what passes from now on
	Past    time.Duration // or else: of what was logged before now
	SnapLen int           // bytes of each packet
	Limit   int64         // bytes of the file

	// Client and Server are the ends of the TCP connection that it is sent over: not valid on the unix socket. A device
	// that records itself must not record the recording.
	Client, Server netip.AddrPort
}

// CaptureWriter takes a capture on its way. What was written may wait until Flush.
type CaptureWriter interface {
	io.Writer
	Flush() error
}

// Recording writes a pcap file until it is over or ctx ends, and returns how many packets it had no time for. It holds a
// place until it was called, once.
type Recording func(ctx context.Context, w CaptureWriter) (lost uint64, err error)

// Limits of a capture.
const (
	minSeconds, usualSeconds, maxSeconds = 1, 60, 3600
	minSnapLen, usualSnapLen, maxSnapLen = 64, 256, 65535
	minCapture, usualCapture, maxCapture = 1000, 10_000_000, 100_000_000
	maxPast                              = time.Hour
	fileTime                             = "20060102T150405Z" // in UTC, as ISO 8601 has it
	captureBuffer                        = 16 << 10           // bytes
	captureKind                          = "application/vnd.tcpdump.pcap"
	lostHeader, aboutHeader              = "Spinneret-Lost", "Spinneret-Capture"
	aboutLive                            = "live"
	aboutPast                            = "headers only: what the log kept, which is not every packet"
)

func (s *Server) getCapture(w http.ResponseWriter, r *http.Request) {
	mac, want, err := captureQuery(r)
	var recording Recording
	if err == nil {
		recording, err = s.record(r, mac, want)
	}
	if err != nil {
		WriteProblem(w, s.problem(r, err))
		return
	}
	captureHeaders(w, mac, want, s.config.Now())
	if recording != nil {
		send(r.Context(), w, recording)
	}
}

// record begins to record; for a HEAD it only looks whether there is such a device.
func (s *Server) record(r *http.Request, mac string, want CaptureQuery) (Recording, error) {
	ctx, cancel := context.WithTimeout(r.Context(), backendTimeout)
	defer cancel()
	if r.Method == http.MethodHead {
		_, err := s.config.Backend.Device(ctx, mac)
		return nil, err
	}
	return s.config.Backend.Record(ctx, mac, want)
}

func captureQuery(r *http.Request) (mac string, want CaptureQuery, err error) {
	known := []string{"seconds", "past", "snaplen", "limit"}
	if mac, err = (call{r: r}).target(known...); err != nil {
		return "", want, err
	}
	q := parseQuery(r.URL.RawQuery, known...)
	want = CaptureQuery{
		SnapLen: int(q.number("snaplen", usualSnapLen, minSnapLen, maxSnapLen)),
		Limit:   q.number("limit", usualCapture, minCapture, maxCapture),
		Past:    q.past("past"),
	}
	seconds := q.number("seconds", usualSeconds, minSeconds, maxSeconds)
	if want.Past == 0 {
		want.For = time.Duration(seconds) * time.Second
		want.Client, want.Server = connection(r)
	}
	if q.problem != nil {
		return "", want, q.problem
	}
	return mac, want, nil
}

func (q *query) past(name string) time.Duration {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	d, err := ParseDuration(text)
	if err != nil || d < time.Second || d > maxPast {
		q.fail(invalid(name, name+" "+quote(text)+" is not a duration from 1s to 1h: write it like 60s"))
	}
	return d
}

// connection are the ends of a request's TCP connection.
func connection(r *http.Request) (client, server netip.AddrPort) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if !ok || err != nil {
		return client, server
	}
	return plain(remote), plain(local.AddrPort())
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// captureHeaders say what the file is: a pcap file itself has no room for words.
func captureHeaders(w http.ResponseWriter, mac string, q CaptureQuery, now time.Time) {
	kind, about := "live", aboutLive
	if q.Past > 0 {
		kind, about = "headers-of-the-last-"+strconv.Itoa(int(q.Past.Seconds()))+"s", aboutPast
	}
	name := "spinneret-" + strings.ReplaceAll(mac, ":", "-") + "-" + now.UTC().Format(fileTime) + "-" + kind + ".pcap"
	h := w.Header()
	h.Set("Content-Type", captureKind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set(aboutHeader, about)
	h.Set("Trailer", lostHeader) // known at the end only (RFC 9110 section 6.6.2)
}

// send sends a recording for as long as somebody reads. A reader that is slow makes it lose packets.
func send(ctx context.Context, w http.ResponseWriter, recording Recording) {
	sending(ctx, w, func(ctx context.Context, out CaptureWriter) error {
		lost, err := recording(ctx, out)
		if err == nil {
			err = out.Flush() // from here on a header is a trailer
		}
		w.Header().Set(lostHeader, strconv.FormatUint(lost, 10))
		return err
	})
}

// sending lets write write a long answer. A reader that reads nothing ends it, and so does the end of ctx: what was cut
// short must not look whole.
func sending(ctx context.Context, w http.ResponseWriter, write func(context.Context, CaptureWriter) error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // a reader that says nothing is still there
	stop := context.AfterFunc(ctx, func() { _ = control.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	out := &flushing{bufio.NewWriterSize(&captureSender{ctx: ctx, w: w, control: control}, captureBuffer), control}
	err := write(ctx, out)
	if err == nil {
		err = out.Flush()
	}
	_ = control.SetWriteDeadline(time.Now().Add(writeTimeout)) // for the end of the answer
	if err != nil || ctx.Err() != nil {
		panic(http.ErrAbortHandler)
	}
}

// captureSender gives each write its time.
type captureSender struct {
	ctx     context.Context
	w       io.Writer
	control *http.ResponseController
}

func (c *captureSender) Write(b []byte) (int, error) {
	_ = c.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // fails in tests without a connection only
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(b)
}

// flushing brings what was written to the reader.
type flushing struct {
	*bufio.Writer
	control *http.ResponseController
}

func (f *flushing) Flush() error {
	if f.Buffered() == 0 {
		return nil
	}
	if err := f.Writer.Flush(); err != nil {
		return err
	}
	return f.control.Flush()
}
