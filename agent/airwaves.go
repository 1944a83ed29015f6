package agent

import (
	"context"
	"log/slog"
	"os"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/wifi"
)

const (
	radios      = "/sys/class/ieee80211" // the kernel lists radios here, if there are any
	banRenewal  = 10 * time.Minute       // well before wifi.MaxBan
	banDeadline = 10 * time.Second
)

// bans are the devices that are to be off the radios, each with the end of that; zero: until released.
type bans map[packet.MAC]time.Time

// airwaves keeps wholly cut-off devices off the router's radios: frames between two stations of one radio are
// switched by its driver, where no rule sees them.
type airwaves struct {
	wifi *wifi.Client
	log  *slog.Logger
	now  func() time.Time

	wantC mailbox[bans]
	wordC mailbox[string] // what to tell the owner, "" when all is well

	banned bans
}

func newAirwaves(log *slog.Logger, now func() time.Time) *airwaves {
	return &airwaves{wifi: wifi.New(""), log: log, now: now, wantC: newMailbox[bans](), wordC: newMailbox[string](), banned: bans{}}
}

// haveRadios reports whether this machine is an access point, or could be one.
func haveRadios() bool {
	list, err := os.ReadDir(radios)
	return err == nil && len(list) > 0
}

// Run brings bans to hostapd, and renews them, until ctx ends.
func (a *airwaves) Run(ctx context.Context) error {
	renew := time.NewTicker(banRenewal)
	defer renew.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case want := <-a.wantC:
			a.release(ctx, want)
			a.wordC.put(a.expel(ctx, want))
		case <-renew.C:
			a.wordC.put(a.expel(ctx, a.banned))
		}
	}
}

func (a *airwaves) release(ctx context.Context, want bans) {
	for mac := range a.banned {
		if _, still := want[mac]; still {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, banDeadline)
		if _, err := a.wifi.Admit(ctx, mac); err != nil {
			// The ban ends by itself, within wifi.MaxBan.
			a.log.Warn("let a station back on the radios", "mac", mac, "err", err)
		}
		cancel()
	}
}

func (a *airwaves) expel(ctx context.Context, want bans) (word string) {
	for mac, until := range want {
		ban := time.Duration(0)
		if !until.IsZero() {
			ban = max(until.Sub(a.now()), time.Second)
		}
		ctx, cancel := context.WithTimeout(ctx, banDeadline)
		result, err := a.wifi.Expel(ctx, mac, ban)
		if err != nil {
			a.log.Warn("put a station off the radios", "mac", mac, "err", err)
		}
		if result.Why != "" {
			word = result.Why
		}
		cancel()
	}
	a.banned = want
	return word
}

// tellRadios lets the radios know who is wholly cut off.
func (h *home) tellRadios() {
	if h.airwaves == nil {
		return
	}
	want := bans{}
	for _, o := range h.book.All() {
		if o.Level == "full" {
			want[o.MAC] = h.end(o)
		}
	}
	if len(want) > 0 || h.toldRadios {
		h.toldRadios = len(want) > 0
		h.airwaves.wantC.put(want)
	}
}

// radioWords is never ready where there are no radios.
func (h *home) radioWords() mailbox[string] {
	if h.airwaves == nil {
		return nil
	}
	return h.airwaves.wordC
}
