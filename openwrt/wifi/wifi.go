// Package wifi puts stations off the router's radios, through hostapd on ubus: stations of one radio are switched
// by its driver, where no rule of nftables sees them.
package wifi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"spinneret/openwrt/ubus"
)

// MaxBan is the longest ban that hostapd is asked for. It counts in a 32-bit int of microseconds, which runs over
// after 35 minutes; a ban of longer is renewed by asking again before its end.
const MaxBan = 30 * time.Minute

// Absent is what to tell where nobody can put stations off.
const Absent = "cut from internet and wired LAN only: this router has no hostapd on ubus"

const (
	maxRadios = 64
)

// reasonBusy is the reason code that stations are put off with (IEEE 802.11 table 9-49): the access point cannot
// handle all of them. They then look for another one quietly, where others make phones ask for a new password.
const reasonBusy = 5

// Client asks the router's hostapd.
type Client struct{ ubus ubus.Client }

// New returns a client that runs the given program; "" stands for ubus as found in PATH.
func New(program string) *Client {
	return &Client{ubus.New(program, 0)}
}

// Result tells how far a change came.
type Result struct {
	Radios []string // interfaces on which it is in force
	Why    string   // "" if every radio has it; else what to tell the owner
}

// Expel puts a station off every radio and keeps it off for the ban, at most MaxBan; 0 or less stands for a ban
// without end, which the caller renews. It may be called again for a station that is off, and for a MAC that is on no
// radio. Where there is no hostapd the Result says so and the error is nil. With an error the Result still
// tells what is in force.
func (c *Client) Expel(ctx context.Context, mac [6]byte, ban time.Duration) (Result, error) {
	if ban <= 0 || ban > MaxBan {
		ban = MaxBan
	}
	return c.onEveryRadio(ctx, func(radio string) (bool, error) { return c.delClient(ctx, radio, mac, ban) })
}

// Admit ends the ban of a station on every radio. One that is on a radio stays there undisturbed.
func (c *Client) Admit(ctx context.Context, mac [6]byte) (Result, error) {
	return c.onEveryRadio(ctx, func(radio string) (bool, error) {
		present, err := c.clients(ctx, radio)
		if err != nil || slices.Contains(present, mac) {
			return err == nil, err
		}
		return c.delClient(ctx, radio, mac, 0)
	})
}

// onEveryRadio runs fn for each radio; fn reports false for one that is gone.
func (c *Client) onEveryRadio(ctx context.Context, fn func(radio string) (bool, error)) (Result, error) {
	radios, err := c.radios(ctx)
	if err != nil {
		return Result{Why: "cut from internet and wired LAN only: " + err.Error()}, err
	}
	if len(radios) == 0 {
		return Result{Why: Absent}, nil
	}
	var r Result
	var failed []error
	for _, radio := range radios {
		ok, err := fn(radio)
		switch {
		case err != nil:
			failed = append(failed, err)
		case ok:
			r.Radios = append(r.Radios, radio)
		}
	}
	if err := errors.Join(failed...); err != nil {
		r.Why = fmt.Sprintf("not cut from the Wi-Fi of %d of %d radios: %v", len(failed), len(radios), failed[0])
		return r, err
	}
	return r, nil
}

// deletion is the argument of hostapd's del_client. A ban time of 0 ends a ban.
type deletion struct {
	Addr    string `json:"addr"`
	Reason  int    `json:"reason"`
	Deauth  bool   `json:"deauth"`
	BanTime int64  `json:"ban_time"` // ms
}

func (c *Client) delClient(ctx context.Context, radio string, mac [6]byte, ban time.Duration) (bool, error) {
	ms := (ban + time.Millisecond - 1) / time.Millisecond
	args := deletion{net.HardwareAddr(mac[:]).String(), reasonBusy, true, int64(ms)}
	err := c.ubus.Call(ctx, prefix+radio, "del_client", args, nil)
	if errors.Is(err, ubus.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// clients lists the stations of one radio; none where it is gone.
func (c *Client) clients(ctx context.Context, radio string) (macs [][6]byte, err error) {
	var answer struct {
		Clients map[string]json.RawMessage `json:"clients"`
	}
	err = c.ubus.Call(ctx, prefix+radio, "get_clients", nil, &answer)
	if errors.Is(err, ubus.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for text := range answer.Clients {
		if mac, ok := parseMAC(text); ok {
			macs = append(macs, mac)
		}
	}
	return macs, nil
}

// parseMAC reads six bytes with colons.
func parseMAC(text string) (mac [6]byte, ok bool) {
	hw, err := net.ParseMAC(text)
	if err != nil || len(hw) != len(mac) || len(text) != len("02:00:00:00:00:01") {
		return mac, false
	}
	return [6]byte(hw), true
}
