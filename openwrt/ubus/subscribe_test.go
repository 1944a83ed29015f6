package ubus

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
)

var unhex = expect.Unhex

// What is said on ubusd's socket, as its own library writes it: version, type, sequence, peer, and a blob.
const (
	greeting = "0000 0000 0000002a 00000004"

	addObject = "0006 0001 00000000 00000004"
	added     = "0002 0001 00000000 0000000c 03000008 51515151" // our object

	lookUp    = "0004 0002 00000000 00000010 0200000c 646e736d61737100" // dnsmasq
	found     = "0002 0002 00000000 00000024 0200000c 646e736d61737100 03000008 61616161 05000008 71717171 06000004"
	tie       = "0008 0003 00000000 00000014 03000008 51515151 08000008 61616161"
	thanks    = "0001 %seq 00000000 0000000c 01000008 00000000"
	notThere  = "0001 0002 00000000 0000000c 01000008 00000004"
	lentOne   = "0005 0009 00000007 00000030 0a000005 01000000 03000008 51515151 0400000d 646863702e61636b 00000000 0700000c 8300000800000000"
	itWent    = "0009 0001 00000000 00000014 03000008 51515151 08000008 61616161"
	forgedLen = "0005 0009 00000000 00ffffff"
)

// daemon is a ubusd with one client at a time.
type daemon struct {
	*testing.T
	net.Listener
	conn net.Conn
}

func (d *daemon) says(lines ...string) {
	d.Helper()
	for _, l := range lines {
		if _, err := d.conn.Write(unhex(d.T, l)); err != nil {
			d.Fatal(err)
		}
	}
}

func (d *daemon) hears(line string) {
	d.Helper()
	want := unhex(d.T, line)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(d.conn, got); err != nil || string(got) != string(want) {
		d.Fatalf("it said %x (%v), want %x", got, err, want)
	}
}

// meets takes the next client, which asks for dnsmasq.
func (d *daemon) meets() {
	d.Helper()
	var err error
	if d.conn, err = d.Accept(); err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { d.conn.Close() })
	if err := d.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		d.Fatal(err)
	}
	d.says(greeting)
	d.hears(addObject)
	d.says(added, strings.Replace(thanks, "%seq", "0001", 1))
	d.hears(lookUp)
}

func (d *daemon) ties() {
	d.Helper()
	d.says(found, strings.Replace(thanks, "%seq", "0002", 1))
	d.hears(tie)
	d.says(strings.Replace(thanks, "%seq", "0003", 1))
}

// gone waits until the client hangs up.
func (d *daemon) gone() {
	d.Helper()
	if n, err := d.conn.Read(make([]byte, 1)); err == nil {
		d.Fatalf("it said %d bytes more", n)
	}
	d.conn.Close()
}

// TestNotificationsAreHeardAlsoAfterDnsmasqWasAway: at the start it is not there yet, later it goes and comes back.
func TestNotificationsAreHeardAlsoAfterDnsmasqWasAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ubus.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := &daemon{T: t, Listener: l}
	ctx, cancel := context.WithCancel(t.Context())
	heardC, endedC := make(chan string, 8), make(chan struct{})
	go func() {
		Subscribe(ctx, path, "dnsmasq", func(s string) { heardC <- s })
		close(endedC)
	}()

	d.meets()
	d.says(notThere)
	d.gone()
	for _, end := range []string{itWent, forgedLen} {
		d.meets()
		d.ties()
		d.says(lentOne, lentOne)
		for range 2 {
			select {
			case got := <-heardC:
				if got != "dhcp.ack" {
					t.Errorf("heard %q, want dhcp.ack", got)
				}
			case <-time.After(time.Minute):
				t.Fatal("a notification is not heard")
			}
		}
		d.says(end)
		d.gone()
	}
	cancel()
	<-endedC
	if len(heardC) != 0 {
		t.Errorf("heard %q besides", <-heardC)
	}
}

func TestAMessageThatLiesAboutItsSizeIsRefused(t *testing.T) {
	for name, line := range map[string]string{
		"shorter than itself":                    "0001 0000 00000000 00000003",
		"longer than all that is read":           forgedLen,
		"an attribute longer than the message":   "0001 0000 00000000 0000000c 01000009 00000000",
		"an attribute shorter than its own head": "0001 0000 00000000 0000000c 01000003 00000000",
		"it ends in the middle":                  "0001 0000 00000000 0000000c 0100",
	} {
		if m, err := readMessage(strings.NewReader(string(unhex(t, line)))); err == nil {
			t.Errorf("%s: read as %v", name, m)
		}
	}
}
