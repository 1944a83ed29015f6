package dots

import (
	"encoding/hex"
	"strings"
	"testing"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// TestStreamSignals: RFC 8323 section 5.
func TestStreamSignals(t *testing.T) {
	b := newBench(t, false)
	csm := coap.Message{Type: coap.NonConfirmable, Code: coap.CSM, Options: []coap.Option{coap.Number(coap.MaxMessageSize, 1152)}}
	b.expect("a CSM", b.pass(csm), "")
	b.expect("a ping", b.pass(coap.Message{Type: coap.NonConfirmable, Code: coap.Ping, Token: []byte{1}}), "con 7.03")
	b.expect("a request", b.say(coap.NonConfirmable, coap.GET, dotsPath+"config", ""), "non 2.05")
	if b.leave {
		t.Error("we leave")
	}
	b.pass(coap.Message{Code: coap.Release})
	if !b.leave {
		t.Error("we stay after a release")
	}
	rude := newBench(t, false)
	rude.expect("a request before any CSM", rude.say(coap.NonConfirmable, coap.GET, dotsPath+"config", ""), "con 7.05")
	if !rude.leave {
		t.Error("we stay with a peer that sends no CSM")
	}
}

// FuzzHandle: whatever comes, in either form, there is an answer or none, and no mitigation of what is not ours.
func FuzzHandle(f *testing.F) {
	for i, body := range []string{natRequest, v6Request, efficacy, fig9, fig20, beatTrue} {
		path := []string{mitigatePath + "1", mitigatePath + "2", mitigatePath + "3", dotsPath + "redirect/cuid=c/mid=1", dotsPath + "config/sid=1", dotsPath + "hb"}[i]
		raw, err := hex.DecodeString(body)
		if err != nil {
			f.Fatal(err)
		}
		m := coap.Message{Type: coap.NonConfirmable, Code: coap.PUT, ID: uint16(i), Token: []byte{1}, Payload: raw}
		m.SetPath(strings.Split(path, "/"))
		m.Options = append(m.Options, coap.Number(coap.ContentFormat, wire.ContentFormat))
		f.Add(m.Datagram(), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, datagrams bool) {
		m, err := coap.ParseDatagram(data)
		if err != nil {
			return
		}
		b := newBench(t, datagrams)
		b.greeted = true
		for range 2 {
			out := b.handle(b.clock.Now(), m)
			if len(out) > 1 || len(out) == 1 && len(out[0].Datagram()) > 1280 {
				t.Errorf("%d answers", len(out))
			}
		}
		b.told()
		for _, e := range b.s.Mitigations() {
			for _, p := range e.Request.Sources {
				if !b.home.Ours(b.client, p) {
					t.Errorf("%s is not ours", p)
				}
			}
		}
	})
}
