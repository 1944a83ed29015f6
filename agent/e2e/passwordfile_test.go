package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestALinkInPlaceOfThePasswordFile is neither followed nor taken for a first run, at any start; the router's owner
// sets a new password.
func TestALinkInPlaceOfThePasswordFile(t *testing.T) {
	home := quietHome(t)
	h := &doorHouse{router: home.Router(), lan: lanPage(home)}
	h.agent = prepare(t, home, h.settings)
	state := filepath.Join(filepath.Dir(h.config), "state")
	target := filepath.Join(filepath.Dir(h.config), "target")
	const before = "what stands here stays\n"
	if err := os.WriteFile(target, []byte(before), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(state, "logins")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		h.start()
		h.device(home.Device("laptop"))
		stranger := h.at("laptop")
		want(t, "a first run", stranger.ask("POST", session+"/setup", `{"password":"mine all mine"}`), noOwner)
		want(t, "any password", stranger.logIn("owner", "mine all mine"), noOwner)
		h.signal(syscall.SIGTERM)
		h.wait()
		h.stderr.reset()
	}
	h.setPassword()
	h.start()
	h.device(home.Device("laptop"))
	want(t, "the owner", h.at("laptop").logIn("owner", ownersPassword), done)
	if text, err := os.ReadFile(target); err != nil || string(text) != before {
		t.Errorf("the link was followed: %q, %v", text, err)
	}
}

// setPassword sets the owner's password as root does on the router, whether the agent runs or not.
func (h *doorHouse) setPassword() {
	h.t.Helper()
	cmd := h.router.Command(h.t.Context(), program, "password", "-config", h.config, "-socket", h.socket)
	cmd.Stdin = strings.NewReader(ownersPassword + "\n")
	if _, err := h.router.Run(cmd); err != nil {
		h.t.Fatal(err)
	}
}

// TestThePasswordSetOnTheRouterLogsEverybodyOut while the agent runs.
func TestThePasswordSetOnTheRouterLogsEverybodyOut(t *testing.T) {
	home := quietHome(t)
	h := &doorHouse{router: home.Router(), lan: lanPage(home)}
	h.agent = prepare(t, home, h.settings)
	h.start()
	h.device(home.Device("laptop"))
	first := h.at("laptop")
	want(t, "the first run", first.ask("POST", session+"/setup", `{"password":"forgotten since"}`), done)
	h.setPassword()
	want(t, "who was in", first.ask("GET", "/api/v1/status", ""), noLogin)
	want(t, "the old password", first.logIn("owner", "forgotten since"), noLogin)
	want(t, "the new one", first.logIn("owner", ownersPassword), done)
	h.eventAfter(0, "audit", "the owner's password was changed")
	h.eventAfter(0, "audit", "logged out everywhere")
}
