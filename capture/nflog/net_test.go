package nflog

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

const group = 42

func namespace(t testing.TB, name string) *lab.NS {
	t.Helper()
	ns, err := lab.NewNS(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	return ns
}

func rules(log string) string {
	return "table inet t {\n chain c {\n type filter hook input priority 0; policy accept;\n udp dport 9 " + log + "\n }\n}\n"
}

// logging is a namespace whose packets to UDP port 9 are logged.
func logging(t testing.TB, options string) *lab.NS {
	t.Helper()
	ns := namespace(t, "nflog")
	nft(t, ns, rules(fmt.Sprintf("log group %d %s", group, options)))
	return ns
}

func nft(t testing.TB, ns *lab.NS, script string) {
	t.Helper()
	if err := ns.NFT(t.Context(), script); err != nil {
		t.Fatal(err)
	}
}

// cable joins router (192.168.1.1) and device (192.168.1.2, with a given MAC), and returns the router's
// interface index.
func cable(t testing.TB, router, device *lab.NS, mac packet.MAC) int32 {
	t.Helper()
	peer := dup(t, device)
	defer peer.Close()
	add := router.Command(t.Context(), "ip", "-batch", "-")
	add.ExtraFiles = []*os.File{peer}
	add.Stdin = strings.NewReader("link add lan type veth peer name eth0 address " + mac.String() +
		" netns /proc/self/fd/3\naddress add 192.168.1.1/24 dev lan\nlink set lan up\n")
	if _, err := router.Run(add); err != nil {
		t.Fatal(err)
	}
	up := device.Command(t.Context(), "ip", "-batch", "-")
	up.Stdin = strings.NewReader("address add 192.168.1.2/24 dev eth0\nlink set eth0 up\n")
	if _, err := device.Run(up); err != nil {
		t.Fatal(err)
	}
	var index int
	err := router.Do(func() error {
		lan, err := net.InterfaceByName("lan")
		if err == nil {
			index = lan.Index
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return int32(index)
}

// dup is a descriptor of the namespace, for a program to inherit.
func dup(t testing.TB, ns *lab.NS) *os.File {
	t.Helper()
	fd, err := unix.Dup(ns.FD())
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "namespace")
}

// open binds as the agent does: from inside its namespace.
func open(t testing.TB, ns *lab.NS, c Config) (s *Source, err error) {
	t.Helper()
	err = ns.Do(func() error {
		s, err = Open(c)
		return err
	})
	return s, err
}

func mustOpen(t testing.TB, ns *lab.NS, c Config) *Source {
	t.Helper()
	s, err := open(t, ns, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs the source, until the returned function is called; that checks that the end is no error.
func run(t testing.TB, s *Source, fn func(*packet.Packet)) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	readyC, errC := make(chan struct{}), make(chan error, 1)
	go func() {
		close(readyC)
		errC <- s.Run(ctx, fn)
	}()
	<-readyC
	eventually(t, "Run to listen", func() bool { return s.handle.Load() != nil })
	return func() {
		cancel()
		if err := <-errC; err != nil {
			t.Errorf("cancelled, Run returned %v: want nil", err)
		}
	}
}

func send(t testing.TB, ns *lab.NS, n int) {
	t.Helper()
	sendTo(t, ns, "127.0.0.1:9", n)
}

func sendTo(t testing.TB, ns *lab.NS, address string, n int) {
	t.Helper()
	to, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		t.Error(err)
		return
	}
	err = ns.Do(func() error {
		conn, err := net.ListenUDP("udp4", nil) // not connected: refusals of the port that nobody has do not come back
		if err != nil {
			return err
		}
		defer conn.Close()
		for range n {
			if _, err := conn.WriteTo(make([]byte, 300), to); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
