package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const answerLimit = 15 * time.Second

// door is a way to the agent.
type door struct {
	dial func(context.Context, string, string) (net.Conn, error)
	host string
}

// bySocket is the way through the unix socket.
func (a *agent) bySocket() door { return bySocket(a.socket) }

func bySocket(path string) door {
	return door{host: "spinneret", dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
}

// hostTCP is the way through a TCP port of this machine.
func hostTCP(to netip.AddrPort) door {
	return door{host: to.String(), dial: new(net.Dialer).DialContext}
}

// byTCP is the way through a TCP port, from a namespace.
func byTCP(from *lab.NS, to netip.AddrPort) door {
	return door{host: to.String(), dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		// The connection outlives the request's context.
		return from.Dial(context.WithoutCancel(ctx), "tcp", to)
	}}
}

// send sends one request and returns the answer.
func (d door) send(method, path, body string) (status int, answer []byte, err error) {
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, "http://"+d.host+path, sent)
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: answerLimit, Transport: &http.Transport{DialContext: d.dial, DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// ask sends a request through the socket, which must be answered with 200, and decodes the answer. Where the machine has
// much else to do the program may say that it is busy: who only asks then asks again.
func (a *agent) ask(method, path, body string, into any) {
	a.t.Helper()
	deadline := time.Now().Add(patience)
	status, answer, err := a.bySocket().send(method, "/api/v1/"+path, body)
	for status == http.StatusServiceUnavailable && method == http.MethodGet && time.Now().Before(deadline) {
		status, answer, err = a.bySocket().send(method, "/api/v1/"+path, body)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	if status != http.StatusOK {
		a.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	if err := decode(answer, into); err != nil {
		a.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
	}
}

// decode wants every member known: the types are the contract.
func decode(answer []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (a *agent) get(path string, into any) {
	a.t.Helper()
	a.ask(http.MethodGet, path, "", into)
}

func (a *agent) status() (s ui.Status) {
	a.t.Helper()
	a.get("status", &s)
	return s
}

func (a *agent) devices() []ui.Device {
	a.t.Helper()
	var list struct {
		Devices []ui.Device `json:"devices"`
	}
	a.get("devices", &list)
	return list.Devices
}

// device is a device of the lab as the agent knows it, once it does.
func (a *agent) device(d *lab.Device) (found ui.Device) {
	a.t.Helper()
	a.eventually("the agent knows "+d.Name, func() bool {
		for _, found = range a.devices() {
			if found.MAC == d.MAC {
				return true
			}
		}
		return false
	})
	return found
}

// flows are the device's.
func (a *agent) flows(d *lab.Device) []ui.Flow {
	a.t.Helper()
	var list struct {
		Flows []ui.Flow `json:"flows"`
		More  bool      `json:"more"`
	}
	a.get("flows?limit=10000&device="+d.MAC, &list)
	return list.Flows
}

func quarantineOf(d *lab.Device) string { return "devices/" + d.MAC + "/quarantine" }

// cutOff cuts a device off; body may say how.
func (a *agent) cutOff(d *lab.Device, body string) (answer ui.Device) {
	a.t.Helper()
	if body == "" {
		body = "{}"
	}
	a.ask(http.MethodPut, quarantineOf(d), body, &answer)
	return answer
}

func (a *agent) release(d *lab.Device) (answer ui.Device) {
	a.t.Helper()
	a.ask(http.MethodDelete, quarantineOf(d), "", &answer)
	return answer
}

// events are those after an ID, oldest first.
func (a *agent) events(since int64) []ui.Event {
	a.t.Helper()
	var list struct {
		Events []ui.Event `json:"events"`
		Last   int64      `json:"last"`
	}
	a.get("events?since="+strconv.FormatInt(since, 10), &list)
	return list.Events
}

// lastEvent is the newest event's ID.
func (a *agent) lastEvent() (id int64) {
	a.t.Helper()
	for _, e := range a.events(0) {
		id = e.ID
	}
	return id
}

// eventAfter waits for an event of a kind with some words in it.
func (a *agent) eventAfter(since int64, kind, words string) (found ui.Event) {
	a.t.Helper()
	told := within(patience, func() bool {
		for _, found = range a.events(since) {
			if found.Kind == kind && strings.Contains(found.Text, words) {
				return true
			}
		}
		return false
	})
	if !told {
		a.t.Fatalf("not within %v: an event %s with %q; there are %+v", patience, kind, words, a.events(since))
	}
	return found
}
