package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// arguments are those of all methods. What they hold is for the agent to judge.
type arguments struct {
	Device string `json:"device"`
	order
	Source string `json:"source"`
	Since  any    `json:"since"` // a time of flows, a number of events
	Limit  int    `json:"limit"`
}

// method is one of the ubus object.
type method struct {
	takes map[string]any // with any value of its type
	run   func(ctx context.Context, c *client, in arguments) (body []byte, err error)
}

type none = map[string]any

// methods are read and never changed.
var methods = map[string]method{
	"status":       {none{}, asking("status")},
	"devices":      {none{}, asking("devices")},
	"flows":        {map[string]any{"device": "", "since": "", "limit": 0}, askFlows},
	"events":       {map[string]any{"since": 0, "limit": 0}, askEvents},
	"ticket":       {none{}, ticketFor("viewer")},
	"ticket_owner": {none{}, ticketFor("owner")},
	"quarantine": {map[string]any{
		"device": "", "level": "", "for": "", "until": "", "why": "", "to": []string{}, "acknowledge": false,
	}, func(ctx context.Context, c *client, in arguments) ([]byte, error) {
		return c.onDevice(ctx, http.MethodPut, in.Device, "", in.order)
	}},
	"release": {map[string]any{"device": "", "source": ""}, func(ctx context.Context, c *client, in arguments) ([]byte, error) {
		return c.onDevice(ctx, http.MethodDelete, in.Device, query("source", in.Source), nil)
	}},
}

func asking(path string) func(context.Context, *client, arguments) ([]byte, error) {
	return func(ctx context.Context, c *client, _ arguments) ([]byte, error) {
		return c.ask(ctx, http.MethodGet, path, nil)
	}
}

// ask sends a request and returns the answer as it is.
func (c *client) ask(ctx context.Context, method, path string, request any) ([]byte, error) {
	var answer json.RawMessage
	return c.do(ctx, method, path, request, &answer)
}

func askFlows(ctx context.Context, c *client, in arguments) ([]byte, error) {
	device, since := in.Device, ""
	if in.Since != nil {
		text, ok := in.Since.(string)
		if !ok {
			return nil, errors.New("since is a time such as 2026-11-22T07:00:00Z")
		}
		since = text
	}
	if device != "" {
		mac, err := c.find(ctx, device)
		if err != nil {
			return nil, err
		}
		device = mac
	}
	return c.ask(ctx, http.MethodGet, "flows"+query("device", device, "since", since, "limit", limitText(in.Limit)), nil)
}

func askEvents(ctx context.Context, c *client, in arguments) ([]byte, error) {
	since := ""
	if in.Since != nil {
		number, ok := in.Since.(float64)
		if !ok {
			return nil, errors.New("since is the number of an event")
		}
		since = strconv.FormatFloat(number, 'f', -1, 64)
	}
	return c.ask(ctx, http.MethodGet, "events"+query("since", since, "limit", limitText(in.Limit)), nil)
}

// limitText leaves the limit to the agent where none is given.
func limitText(limit int) string {
	if limit == 0 {
		return ""
	}
	return strconv.Itoa(limit)
}

func ticketFor(role string) func(context.Context, *client, arguments) ([]byte, error) {
	return func(ctx context.Context, c *client, _ arguments) ([]byte, error) {
		return c.ask(ctx, http.MethodPost, "tickets", map[string]string{"role": role})
	}
}

func (c *client) onDevice(ctx context.Context, method, device, query string, request any) ([]byte, error) {
	if device == "" {
		return nil, errors.New("device is missing: give its MAC, address or exact name")
	}
	mac, err := c.find(ctx, device)
	if err != nil {
		return nil, err
	}
	return c.ask(ctx, method, "devices/"+mac+"/quarantine"+query, request)
}

// query makes a query of names and values; those without a value are left out.
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}
