package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/openwrt/uci"
)

// TestAProviderWithoutCredentialsIsNamedAndTheRestIsCalled, and no word of a secret.
func TestAProviderWithoutCredentialsIsNamedAndTheRestIsCalled(t *testing.T) {
	key, empty := filepath.Join(t.TempDir(), "psk"), filepath.Join(t.TempDir(), "empty")
	for path, content := range map[string]string{key: "a shared secret\n", empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list := providers(uci.Config{Providers: []uci.Provider{
		{ID: "none", Policy: "flow"},
		{ID: "missing", Credentials: filepath.Join(t.TempDir(), "no.pem")},
		{ID: "garbage", Credentials: key},
		{ID: "empty", PSKIdentity: "home", PSKFile: empty},
		{ID: "good", Address: "dots.isp.example", Port: 4647, PSKIdentity: "home", PSKFile: key, Policy: "ask", MaxDevices: 2},
	}})
	good := list[len(list)-1]
	if len(list) != 5 || good.Missing != "" || string(good.PSK) != "a shared secret" || good.Policy != "ask" || good.MaxDevices != 2 {
		t.Errorf("called is %+v", good)
	}
	for _, p := range list[:4] {
		if p.Missing == "" || strings.Contains(p.Missing, "secret") {
			t.Errorf("of %s is said %q", p.ID, p.Missing)
		}
	}
}
