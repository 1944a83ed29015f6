package cli

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/openwrt/uci"
)

// TestAProviderWithoutCredentialsIsSaidAndTheRestIsCalled.
func TestAProviderWithoutCredentialsIsSaidAndTheRestIsCalled(t *testing.T) {
	key, empty := filepath.Join(t.TempDir(), "psk"), filepath.Join(t.TempDir(), "empty")
	for path, content := range map[string]string{key: "a shared secret\n", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	list := providers(uci.Config{Providers: []uci.Provider{
		{ID: "none", Policy: "flow"},
		{ID: "missing", Credentials: filepath.Join(t.TempDir(), "no.pem")},
		{ID: "garbage", Credentials: key},
		{ID: "empty", PSKIdentity: "home", PSKFile: empty},
		{ID: "good", Address: "dots.isp.example", Port: 4647, PSKIdentity: "home", PSKFile: key, Policy: "ask", MaxDevices: 2},
	}}, slog.New(slog.NewTextHandler(&said, nil)))
	if len(list) != 1 || list[0].ID != "good" || string(list[0].PSK) != "a shared secret" || list[0].Policy != "ask" || list[0].MaxDevices != 2 {
		t.Errorf("called are %+v", list)
	}
	for _, id := range []string{"none", "missing", "garbage", "empty"} {
		if !strings.Contains(said.String(), "provider "+id+" is not called") {
			t.Errorf("nothing is said of %s: %s", id, said.String())
		}
	}
	if strings.Contains(said.String(), "secret") {
		t.Errorf("it tells the key: %s", said.String())
	}
}
