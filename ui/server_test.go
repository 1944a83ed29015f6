package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
	"spinneret/ui/uitest"
)

// serve runs the server on listeners until the test ends, which fails when it does not stop in time.
func serve(t *testing.T, server *ui.Server, listeners ...net.Listener) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- server.Serve(ctx, listeners...) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-doneC:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("Serve did not end with its context")
		}
	})
}

func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEachListenerHasItsDoor(t *testing.T) {
	tcp, unix := listen(t, "tcp", "127.0.0.1:0"), listen(t, "unix", filepath.Join(t.TempDir(), "api.sock"))
	serve(t, newServer(uitest.New(), func(c *ui.Config) { c.Auth = true }), tcp, unix)
	for l, want := range map[net.Listener]int{tcp: http.StatusUnauthorized, unix: http.StatusOK} {
		client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial(l.Addr().Network(), l.Addr().String())
			},
			DisableKeepAlives: true,
		}}
		r, err := client.Get("http://" + tcp.Addr().String() + "/api/v1/status")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s answers %d, want %d", l.Addr().Network(), r.StatusCode, want)
		}
	}
}

func TestTheAddressThatWasReachedIsAHost(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0")
	serve(t, newServer(uitest.New(), nil), l)
	for host, want := range map[string]int{l.Addr().String(): 200, "127.0.0.1": 200, "127.0.0.2": 403, "evil.example": 403} {
		if got := statusOf(t, l, "GET /api/v1/status HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); got != want {
			t.Errorf("Host %s: %d, want %d", host, got, want)
		}
		want = max(want, http.StatusBadRequest) // it is of no path, and there is nothing to tell about none
		if got := statusOf(t, l, "OPTIONS * HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); got != want {
			t.Errorf("OPTIONS * at Host %s: %d, want %d", host, got, want)
		}
	}
}

func TestLongHeadersAreRefused(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0")
	serve(t, newServer(uitest.New(), nil), l)
	got := statusOf(t, l, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", 24<<10)+"\r\n\r\n")
	if got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("24 KiB of headers: %d", got)
	}
}

func statusOf(t *testing.T, l net.Listener, request string) int {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(c, request)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

func TestIdleConnectionsAreBoundedAndFreedAgain(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0")
	serve(t, newServer(uitest.New(), nil), l)
	var held []net.Conn
	for range 128 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	answered := func() bool {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprint(c, "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
		n, _ := c.Read(make([]byte, 1))
		return n != 0
	}
	if answered() {
		t.Fatal("the 129th connection was answered")
	}
	held[0].Close()
	expect.Eventually(t, "a freed place is given on", answered) // the server has to hear of it
}

func TestARunningRequestMayFinish(t *testing.T) {
	l := listen(t, "tcp", "127.0.0.1:0")
	inC, outC := make(chan struct{}), make(chan struct{})
	server := newServer(uitest.New(), func(c *ui.Config) {
		c.Page = pageFunc(func(w http.ResponseWriter, r *http.Request) {
			close(inC)
			<-outC
			if r.Context().Err() != nil {
				w.WriteHeader(http.StatusGone)
			}
		})
	})
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- server.Serve(ctx, l) }()
	statusC := make(chan int, 1)
	go func() { statusC <- statusOf(t, l, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") }()
	<-inC
	cancel()
	close(outC)
	if got := <-statusC; got != http.StatusOK {
		t.Errorf("the request that ran got %d", got)
	}
	if err := <-doneC; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
