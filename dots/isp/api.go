package isp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Bounds of the API.
const (
	maxBody     = 64 << 10
	maxAtOnce   = 64 // connections of each listener
	apiTime     = 15 * time.Second
	minToken    = 20 // characters
	maxHeader   = 16 << 10
	closeTime   = 3 * time.Second
	idleTime    = time.Minute
	tokenPrefix = "Bearer "
)

// handler is the API for callers that are known.
func (n *Node) handler(who known) http.Handler {
	mux := http.NewServeMux()
	routes := map[string]map[string]func(http.ResponseWriter, *http.Request) error{
		"/api/v1/homes":               {"GET": n.getHomes, "POST": n.postHome},
		"/api/v1/homes/{id}":          {"GET": n.getHome, "DELETE": n.deleteHome},
		"/api/v1/homes/{id}/redirect": {"POST": n.postRedirect},
		"/api/v1/requests":            {"GET": n.getRequests, "POST": n.postRequest},
		"/api/v1/requests/{id}":       {"GET": n.getRequest, "DELETE": n.deleteRequest},
		"/metrics":                    {"GET": n.getMetrics},
	}
	for path, methods := range routes {
		var allow []string
		for _, method := range []string{"GET", "POST", "DELETE"} {
			serve := methods[method]
			if serve == nil {
				continue
			}
			allow = append(allow, method)
			mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
				err := checkQuery(r)
				if err == nil {
					err = serve(w, r)
				}
				if err != nil {
					writeProblem(w, err)
				}
			})
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Replace(strings.Join(allow, ", "), "GET", "GET, HEAD", 1))
			writeProblem(w, refusal(http.StatusMethodNotAllowed, "method-not-allowed", "Wrong method", "use "+strings.Join(allow, " or ")))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, notFound("nothing is here: there are /api/v1/homes and /api/v1/requests"))
	})
	return n.guard(who, mux)
}

// guard lets in who is known, and no page of another site that a browser here has open.
func (n *Node) guard(who known, next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, refusal(http.StatusForbidden, "bad-origin", "Not from here", "this came from another site's page"))
	}))
	return sites.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, err := who(r)
		if errors.Is(err, errAnonymous) {
			n.anonymous.Add(1)
			w.Header().Set("WWW-Authenticate", "Bearer")
			err = refusal(http.StatusUnauthorized, "login-required", "Who are you", err.Error())
		}
		if err != nil {
			writeProblem(w, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), apiTime)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, withCaller(r.WithContext(ctx), name))
	}))
}

// checkQuery refuses what no query here has: a mistyped filter must not list everything.
func checkQuery(r *http.Request) error {
	for name := range r.URL.Query() {
		if name != "home" || r.Pattern != "GET /api/v1/requests" {
			return unknownMember(name)
		}
	}
	return nil
}

// readJSON reads the body of a request into v; members that v lacks are refused by name.
func readJSON(r *http.Request, v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "" && kind != "application/json" {
		return refusal(http.StatusUnsupportedMediaType, "unsupported-media-type", "Not JSON", "send application/json")
	}
	data, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge, "too-large", "Too large", fmt.Sprintf("send at most %d kB", maxBody>>10))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err == nil {
		err = decoder.Decode(v)
	}
	if err == nil && decoder.More() {
		err = errors.New("something follows the object")
	}
	if name, unknown := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); unknown { // encoding/json has no type for it
		return unknownMember(strings.Trim(name, `"`))
	}
	if err != nil {
		return refusal(http.StatusBadRequest, "bad-request", "Not understood", "send a JSON object: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// oneOrAll is a list of texts, or one text alone.
type oneOrAll []string

func (l *oneOrAll) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		if *l = nil; one != "" {
			*l = oneOrAll{one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}
