package tap

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

// nearest is where LLDP frames go: a bridge passes them on to nobody (IEEE 802.1AB section 7.1).
var nearest = lab.MAC{0x01, 0x80, 0xc2, 0, 0, 0x0e}

// switched is a router whose bridge has a device at its port, and that device's end of the cable.
func switched(t *testing.T) (router *lab.NS, wire *lab.Raw) {
	t.Helper()
	router, err := lab.NewNS("router")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { router.Close() })
	ip := router.Command(t.Context(), "ip", "-batch", "-")
	ip.Stdin = strings.NewReader("link add bridge0 type bridge\nlink set bridge0 up\n" +
		"link add lan1 type veth peer name far\nlink set lan1 master bridge0 up\nlink set far up\n")
	if _, err := router.Run(ip); err != nil {
		t.Fatal(err)
	}
	if wire, err = router.OpenRaw("far"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wire.Close() })
	return router, wire
}

func listen(t *testing.T, router *lab.NS, fn func(*packet.Packet)) (l *LLDP, stop func()) {
	t.Helper()
	err := router.Do(func() (err error) {
		l, err = OpenLLDP()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	errC := make(chan error, 1)
	go func() { errC <- l.Run(ctx, fn) }()
	return l, func() {
		cancel()
		if err := <-errC; err != nil {
			t.Errorf("cancelled, Run returned %v: want nil", err)
		}
	}
}

func TestLLDPIsHeardFromABridgesPort(t *testing.T) {
	router, wire := switched(t)
	gotC := make(chan packet.Packet, 1)
	_, stop := listen(t, router, func(p *packet.Packet) {
		select {
		case gotC <- *p:
		default:
		}
	})
	from := lab.MAC{2, 0, 0, 0, 0, 1}
	for _, frame := range [][]byte{
		lab.Ethernet(nearest, from, 0x88b5, nil), lab.Ethernet(nearest, from, etherTypeLLDP, make([]byte, 100)),
	} {
		if err := wire.Send(frame); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case p := <-gotC:
		if p.SrcMAC != packet.MAC(from) || p.EtherType != etherTypeLLDP || p.Length != 114 || p.In == 0 || time.Since(p.Time) > time.Minute {
			t.Errorf("got %+v", p)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
	stop()
}

func TestAFloodOfLLDPIsCountedAndNotRead(t *testing.T) {
	const flood = 5000
	router, wire := switched(t)
	read := 0
	l, stop := listen(t, router, func(*packet.Packet) { read++ })
	frame := lab.Ethernet(nearest, lab.MAC{2, 0, 0, 0, 0, 1}, etherTypeLLDP, make([]byte, 1000))
	for range flood {
		if err := wire.Send(frame); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); l.Lost() < flood/2 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	if lost := l.Lost(); lost < flood/2 || read == 0 || read > flood/2 {
		t.Errorf("of %d frames %d were read and %d lost", flood, read, lost)
	}
}

func TestListeningWithoutPermission(t *testing.T) {
	router, _ := switched(t)
	err := router.Do(func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var before [2]unix.CapUserData
		if err := unix.Capget(&header, &before[0]); err != nil {
			t.Fatal(err)
		}
		without := before
		without[0].Effective &^= 1 << unix.CAP_NET_RAW
		if err := unix.Capset(&header, &without[0]); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Capset(&header, &before[0]) }()
		l, err := OpenLLDP()
		if err == nil {
			l.Close()
		}
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "give CAP_NET_RAW") {
		t.Errorf("got %v", err)
	}
}

func TestClosedBeforeItRan(t *testing.T) {
	router, _ := switched(t)
	var l *LLDP
	err := router.Do(func() (err error) {
		l, err = OpenLLDP()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Run(t.Context(), func(*packet.Packet) {}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Run returned %v", err)
	}
}
