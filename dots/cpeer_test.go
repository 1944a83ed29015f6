package dots

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cPeer is the provider in testdata/peer.c: libcoap and OpenSSL, nothing of ours.
type cPeer struct {
	port  uint16
	in    io.Writer
	lineC chan string
	kept  []string // lines that came while another was waited for
}

// buildPeer compiles the C program once.
var buildPeer = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dots-peer")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "peer")
	out, err := exec.Command("cc", "-Wall", "-Wextra", "-Werror", "-O1", "-o", program, "testdata/peer.c", "-lcoap-3-openssl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build testdata/peer.c: %w\n%s", err, out)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := buildPeer(); err == nil {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// freePort is one that neither UDP nor TCP uses at the moment.
func freePort(t testing.TB) uint16 {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		l.Close()
		if err == nil {
			u.Close()
			return uint16(port)
		}
	}
	t.Fatal("there is no free port")
	return 0
}

func startPeer(t *testing.T, args ...string) *cPeer {
	t.Helper()
	program, err := buildPeer()
	if err != nil {
		t.Fatal(err)
	}
	p := &cPeer{port: freePort(t), lineC: make(chan string, 1000)}
	cmd := exec.Command(program, append([]string{fmt.Sprint(p.port)}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.in = in
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lineC <- s.Text()
		}
	}()
	t.Cleanup(func() {
		in.Close() // which ends it
		<-read
		cmd.Wait()
	})
	p.wait(t, "LISTENS")
	return p
}

// wait is the next line that begins so.
func (p *cPeer) wait(t *testing.T, begin string) string {
	t.Helper()
	for i, line := range p.kept {
		if strings.HasPrefix(line, begin) {
			p.kept = append(p.kept[:i], p.kept[i+1:]...)
			return line
		}
	}
	for timeout := time.After(20 * time.Second); ; {
		select {
		case line := <-p.lineC:
			if strings.HasPrefix(line, begin) {
				return line
			}
			p.kept = append(p.kept, line)
		case <-timeout:
			t.Fatalf("the peer does not see %q, only %q", begin, p.kept)
		}
	}
}

// ask sends one request with a token of its own and returns what came back, each field as the peer read it.
func (p *cPeer) ask(t *testing.T, kind string, code int, token, path, options, body string) string {
	t.Helper()
	p.send(t, kind, code, token, path, options, body)
	for {
		line := p.wait(t, "GOT ")
		if strings.Fields(line)[3] == token {
			return strings.TrimPrefix(line, "GOT ")
		}
	}
}

func (p *cPeer) send(t *testing.T, kind string, code int, token, path, options, body string) {
	t.Helper()
	if _, err := fmt.Fprintf(p.in, "REQ %s %d %s %s %s %s\n", kind, code, token, path, options, body); err != nil {
		t.Fatal(err)
	}
}
