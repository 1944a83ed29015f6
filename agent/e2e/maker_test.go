package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// maker is a maker of devices: its server in the internet, its authority, and who signs its descriptions.
type maker struct {
	t   *testing.T
	dir string

	mu    sync.Mutex
	files map[string][]byte
	asked []string // paths, in order
}

const (
	makerHost = "mud.lamps.example:8443"
	makerURL  = "https://" + makerHost + "/cam"
)

// newMaker starts a maker's server, which answers on all addresses of the internet.
func newMaker(t *testing.T, home *lab.Home) *maker {
	t.Helper()
	m := &maker{t: t, dir: t.TempDir(), files: map[string][]byte{}}
	m.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /O=Lamps -days 30")
	m.certificate("server", "subjectAltName=DNS:mud.lamps.example")
	m.certificate("signer", "keyUsage=critical,digitalSignature")
	m.certificate("thief", "keyUsage=critical,digitalSignature")
	cert, err := tls.LoadX509KeyPair(filepath.Join(m.dir, "server.pem"), filepath.Join(m.dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	var l net.Listener
	if err := home.Internet().Do(func() (err error) { l, err = net.Listen("tcp", ":8443"); return err }); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: m, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}
	doneC := make(chan error, 1)
	go func() { doneC <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		server.Close()
		if err := <-doneC; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return m
}

func (m *maker) openssl(line string) {
	m.t.Helper()
	c := exec.CommandContext(m.t.Context(), "openssl", strings.Fields(line)...)
	c.Dir = m.dir
	if out, err := c.CombinedOutput(); err != nil {
		m.t.Fatalf("openssl %s: %v\n%s", line, err, out)
	}
}

// certificate makes a key and a certificate by the maker's authority.
func (m *maker) certificate(name, extension string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, "ext"), []byte(extension+"\n"), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out csr -subj /O=Lamps/CN=" + name)
	m.openssl("x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -extfile ext -out " + name + ".pem")
}

// offers puts a description of a device that may talk to these names on the server, signed.
func (m *maker) offers(by string, names ...string) {
	m.t.Helper()
	var aces []string
	for _, n := range names {
		aces = append(aces, fmt.Sprintf(`{"name":%q,"matches":{"ipv4":{"ietf-acldns:dst-dnsname":%q}},"actions":{"forwarding":"accept"}}`, n, n))
	}
	file := fmt.Appendf(nil, `{"ietf-mud:mud":{"mud-version":1,"mud-url":%q,"last-update":"2026-11-01T00:00:00Z","is-supported":true,
 "mud-signature":"cam.p7s","systeminfo":"a camera","from-device-policy":{"access-lists":{"access-list":[{"name":"f"}]}}},
 "ietf-access-control-list:acls":{"acl":[{"name":"f","type":"ipv4-acl-type","aces":{"ace":[%s]}}]}}`, makerURL, strings.Join(aces, ","))
	if err := os.WriteFile(filepath.Join(m.dir, "file"), file, 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.openssl("cms -sign -binary -in file -signer " + by + ".pem -inkey " + by + ".key -outform DER -out sig")
	signature, err := os.ReadFile(filepath.Join(m.dir, "sig"))
	if err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files["/cam"], m.files["/cam.p7s"] = file, signature
}

func (m *maker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, r.URL.Path)
	if data, ok := m.files[r.URL.Path]; ok {
		w.Write(data)
		return
	}
	http.NotFound(w, r)
}

// wasAsked are the paths that were asked for so far.
func (m *maker) wasAsked() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.asked, " ")
}

// resolving has the agent ask the router's own resolver, as a router does, whatever this machine asks.
func (a *agent) resolving(dir string) {
	a.t.Helper()
	lan, _, _ := a.home.LANAddr()
	conf := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+lan.String()+"\n"), 0o644); err != nil {
		a.t.Fatal(err)
	}
	a.launch(func(cmd *exec.Cmd) { // its rights are those of asAgent
		script := fmt.Sprintf(`mount --bind %s /etc/resolv.conf
			exec setpriv --reuid %d --regid %d --clear-groups --inh-caps +net_admin,+net_raw --ambient-caps +net_admin,+net_raw "$@"`, conf, agentUser, agentUser)
		under := a.home.Router().Command(context.Background(), "unshare", append([]string{"-m", "sh", "-ec", script}, cmd.Args...)...)
		cmd.Path, cmd.Args, cmd.SysProcAttr = under.Path, under.Args, nil
	})
	a.t.Cleanup(a.clean)
	a.eventually("the agent is ready", func() bool { return a.stderr.with("ready ") != "" || a.ended() })
}

// names has a device ask for its address with a MUD URL (DHCP option 161).
func names(t *testing.T, d *lab.Device, url string) {
	t.Helper()
	cmd := d.NS.Command(t.Context(), "busybox", "udhcpc", "-f", "-n", "-q", "-i", "eth0", "-s", "/bin/true", "-x", "0xa1:"+hex.EncodeToString([]byte(url)))
	var out bytes.Buffer
	cmd.Stderr = &out
	if _, err := d.NS.Run(cmd); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
}

// mud is a device's description.
func (a *agent) mud(d *lab.Device) (m ui.MUD) {
	a.t.Helper()
	a.get("devices/"+d.MAC+"/mud", &m)
	return m
}
