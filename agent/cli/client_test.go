package cli

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/ui"
)

// ask runs "devices" against a socket and returns the error's text.
func ask(t *testing.T, ctx context.Context, socket string) string {
	t.Helper()
	c := &client{socket: socket, now: time.Now}
	_, err := c.get(ctx, "devices", &deviceList{})
	if err == nil {
		t.Fatal("no error")
	}
	return err.Error()
}

// serveRaw serves connections on a socket until the test ends.
func serveRaw(t *testing.T, serve func(net.Conn)) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "api.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	doneC := make(chan struct{})
	go func() {
		defer close(doneC)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-doneC })
	return socket
}

func TestWhereNoAnswerComesItSaysWhatToDo(t *testing.T) {
	crashed := filepath.Join(t.TempDir(), "api.sock")
	l, err := net.Listen("unix", crashed)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	read := func(c net.Conn) { c.Read(make([]byte, 1024)) }
	for name, c := range map[string]struct {
		ctx    context.Context
		socket string
		want   string
	}{
		"never started": {t.Context(), "/nowhere/api.sock", "start it: spinneret run"},
		"crashed":       {t.Context(), crashed, "start it: spinneret run"},
		"hangs up":      {t.Context(), serveRaw(t, func(net.Conn) {}), "run this as root"},
		"hangs": {short, serveRaw(t, func(c net.Conn) {
			read(c)
			read(c) // until the client is gone
		}), "does not answer"},
		"another program": {t.Context(), serveRaw(t, func(c net.Conn) {
			read(c)
			c.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno"))
		}), "another program's"},
		"broken answer": {t.Context(), serveRaw(t, func(c net.Conn) {
			read(c)
			c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"))
		}), "read the agent's answer"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, c.ctx, c.socket); !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestTheSocketIsWhereTheSettingsSay(t *testing.T) {
	socket := serveRaw(t, func(c net.Conn) {
		c.Read(make([]byte, 1024))
		c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{\"devices\":[]}"))
	})
	config := filepath.Join(t.TempDir(), "config")
	text := "config spinneret 'main'\n\toption socket '" + socket + "'\n\toption max_level 'all'\n" // the agent starts with this on a router
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*client{
		"without a flag":    {socket: DefaultSocket, config: config},
		"a flag before all": {socket: socket, config: filepath.Join(t.TempDir(), "none")},
	} {
		if _, err := c.get(t.Context(), "devices", &deviceList{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProblemsNameTheCommandNotTheRequest(t *testing.T) {
	p := &ui.Problem{Status: http.StatusConflict, Code: "own-device", Title: "This is the device that you are using", Detail: `repeat with "acknowledge":true`}
	if got := inWords(p).Error(); got != "This is the device that you are using: repeat with -acknowledge" {
		t.Error(got)
	}
}
