package agent

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// resolver answers on loopback until the test ends: lies first, then what was asked for.
func resolver(t *testing.T, reply func(q dnsmessage.Message) []dnsmessage.Message) netip.AddrPort {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	doneC := make(chan struct{})
	t.Cleanup(func() {
		c.Close()
		<-doneC
	})
	go func() {
		defer close(doneC)
		for buf := make([]byte, 512); ; {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buf[:n]) != nil {
				continue
			}
			for _, m := range reply(q) {
				if b, err := m.Pack(); err == nil {
					_, _ = c.WriteTo(b, from) // who does not get it fails
				}
			}
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// answered is a question with an address for an answer.
func answered(q dnsmessage.Message, a [4]byte) dnsmessage.Message {
	q.Response = true
	q.Answers = []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60}, Body: &dnsmessage.AResource{A: a},
	}}
	return q
}

func TestAQuestionIsAnsweredByWhatFitsIt(t *testing.T) {
	askedC := make(chan string, 1)
	at := resolver(t, func(q dnsmessage.Message) []dnsmessage.Message {
		askedC <- q.Questions[0].Name.String()
		foreign, other := answered(q, [4]byte{203, 0, 113, 66}), answered(q, [4]byte{203, 0, 113, 67})
		foreign.ID++
		other.Questions = slices.Clone(other.Questions)
		other.Questions[0].Name = dnsmessage.MustNewName("bank.example.")
		return []dnsmessage.Message{foreign, other, answered(q, [4]byte{198, 51, 100, 7})}
	})
	hosts, err := ask(t.Context(), at, "up.cam.example", dnsmessage.TypeA)
	if err != nil || len(hosts) != 1 || hosts[0].Addr.String() != "198.51.100.7" || hosts[0].TTL != time.Minute {
		t.Errorf("answered %+v, %v", hosts, err)
	}
	if asked := <-askedC; asked != "up.cam.example." {
		t.Errorf("asked for %q", asked)
	}
}

func TestAQuestionThatNobodyAnswersEnds(t *testing.T) {
	at := resolver(t, func(dnsmessage.Message) []dnsmessage.Message { return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if hosts, err := ask(ctx, at, "up.cam.example", dnsmessage.TypeA); err == nil {
		t.Errorf("answered %+v", hosts)
	}
	if _, err := ask(t.Context(), at, strings.Repeat("x", 300), dnsmessage.TypeA); err == nil {
		t.Error("a name of 300 letters is asked for")
	}
}
