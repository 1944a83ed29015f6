package agent

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/ui"
)

// quietDoor is a listener to which nobody comes.
type quietDoor struct {
	addr    net.Addr
	closedC chan struct{}
}

func newQuietDoor(port int) quietDoor {
	return quietDoor{&net.TCPAddr{IP: net.IPv4(192, 168, 1, 1), Port: port}, make(chan struct{})}
}

func (d quietDoor) Addr() net.Addr { return d.addr }

func (d quietDoor) Accept() (net.Conn, error) {
	<-d.closedC
	return nil, net.ErrClosed
}

func (d quietDoor) Close() error {
	close(d.closedC)
	return nil
}

// TestADoorThatIsShutIsTriedAgain, while the others are open: its reason is told once, and its port is kept from other
// networks only when it is ours.
func TestADoorThatIsShutIsTriedAgain(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		answers := []error{errors.New("the port is taken"), errors.New("no certificate"), errors.New("no certificate"), nil}
		tries := 0
		shut := Shut{URL: "https://192.168.1.1:8485/", Why: answers[0], Open: func() (net.Listener, *ui.Certificate, error) {
			tries++
			return newQuietDoor(8485), nil, answers[tries-1]
		}}
		doors := Doors{Listeners: []net.Listener{newQuietDoor(8484)}, Shut: []Shut{shut}}
		ctx, cancel := context.WithCancel(b.Context())
		doneC := make(chan error)
		go func() { doneC <- b.through(func() (Doors, error) { return doors, nil }, nil)(ctx) }()

		synctest.Wait()
		b.wantDoors([]uint16{8484}, "the page is not at https://192.168.1.1:8485/: the port is taken", 1)
		time.Sleep(4 * time.Second) // 1 + 2 s
		synctest.Wait()
		b.wantDoors([]uint16{8484}, "the page is not at https://192.168.1.1:8485/: no certificate", 2)
		time.Sleep(20 * time.Second) // 4 + 8 s
		synctest.Wait()
		b.wantDoors([]uint16{8484, 8485}, "", 3)
		if tries != len(answers) {
			t.Errorf("it was tried %d times, want %d", tries, len(answers))
		}
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
	})
}

// wantDoors looks at the ports that others are kept from, at what the status says of shut doors, and counts the events.
func (b bubble) wantDoors(ports []uint16, spot string, events int) {
	b.Helper()
	s, err := b.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	spots := slices.DeleteFunc(s.BlindSpots, func(s string) bool { return !strings.HasPrefix(s, "the page") })
	if got := strings.Join(spots, "\n"); got != spot {
		b.Errorf("the status says %q, want %q", got, spot)
	}
	if told := b.told("config"); len(told) != events {
		b.Errorf("told was %q, want %d", told, events)
	}
	b.loop(func() {
		if !slices.Equal(b.pagePorts, ports) {
			b.Errorf("others are kept from %v, want %v", b.pagePorts, ports)
		}
	})
}

// TestAProviderThatCannotBeCalledIsTold, once for each reason, and is in the status until it can.
func TestAProviderThatCannotBeCalledIsTold(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		for _, missing := range []string{"read credentials: no such file", "read credentials: no such file", "it is empty", ""} {
			list := []Provider{{Missing: missing}}
			list[0].ID = "isp"
			if missing == "" {
				list = nil
			}
			ctx, cancel := context.WithCancel(b.Context())
			doneC := make(chan error)
			go func() { doneC <- b.call(list, nil)(ctx) }()
			synctest.Wait()
			s, err := b.Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if missing == "" && len(s.Providers) != 0 || missing != "" && (len(s.Providers) != 1 || *s.Providers[0].Error != missing || s.Providers[0].State != "down") {
				t.Errorf("where %q is wrong the status says %+v", missing, s.Providers)
			}
			cancel()
			if err := <-doneC; err != nil {
				t.Error(err)
			}
		}
		if told := b.told("dots"); len(told) != 2 {
			t.Errorf("told was %q, want 2", told)
		}
	})
}
