package dots

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// A check is something that a home has to do by RFC 9132 and RFC 9066, beyond single messages (those are in
// TestVectorsOnTheWire; connecting is in TestWhomWeTrust, TestWrongPeersOnTheWire and TestTransports).
type check struct {
	name string
	test func(b *bench)
}

func runChecks(t *testing.T, rows []check) {
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { row.test(newBench(t, true)) })
	}
}

func TestChecklistOfMitigations(t *testing.T) { runChecks(t, checksOfMitigations) }

func TestChecklistOfObservers(t *testing.T) { runChecks(t, checksOfObservers) }

func TestChecklistOfASession(t *testing.T) { runChecks(t, checksOfASession) }

func TestChecklistOfWhatIsHostile(t *testing.T) { runChecks(t, checksOfWhatIsHostile) }

var checksOfMitigations = []check{
	{"an efficacy update of nothing gets silence", func(b *bench) {
		empty := coap.Option{Number: coap.IfMatch}
		b.expect("unknown mid", b.put(5, efficacy, empty), "")
		b.expect("the request", b.put(5, unrated), "non 2.01")
		b.expect("known mid", b.put(5, efficacy, empty), "non 2.04")
		b.expect("other scope", b.put(5, natRequest, empty), "non 4.00")
	}},
	{"a confirmable one is acknowledged all the same", func(b *bench) {
		got := b.say(coap.Confirmable, coap.PUT, mitigatePath+"5", efficacy, coap.Option{Number: coap.IfMatch})
		b.expect("unknown mid", got, "ack 0.00")
	}},
	{"If-Match with a value matches nothing", func(b *bench) {
		b.expect("put", b.put(5, efficacy, coap.Option{Number: coap.IfMatch, Value: []byte{1}}), "non 4.12")
	}},
	{"a withdrawn mitigation is gone after its grace", func(b *bench) {
		b.put(5, natRequest)
		b.expect("delete", b.say(coap.NonConfirmable, coap.DELETE, mitigatePath+"5", ""), "non 2.02")
		if got := b.get(5); !strings.Contains(got, "1005") {
			b.t.Errorf("while it ends: %s", got)
		}
		b.clock.advance(121 * time.Second)
		b.s.over()
		b.expect("after", b.get(5), "non 4.04")
		b.expect("the home hears", strings.Join(b.home.told, ", "), "mitigate c 5, end c 5 withdrawn")
	}},
	{"a lifetime runs down, and its end is told", func(b *bench) {
		b.put(5, natRequest)
		b.get(5, coap.Number(coap.Observe, 0))
		b.told()
		b.clock.advance(time.Hour)
		b.s.over()
		if got := b.told(); len(got) != 1 || !strings.Contains(got[0], "0e001006") {
			b.t.Errorf("at its end: %s", got)
		}
		b.clock.advance(3 * time.Second)
		if got := b.told(); len(got) != 1 || !strings.HasPrefix(got[0], "non 4.04") {
			b.t.Errorf("then: %s", got)
		}
		b.expect("the home hears", strings.Join(b.home.told, ", "), "mitigate c 5, end c 5 expired")
	}},
	{"what the owner called legitimate", func(b *bench) {
		b.home.legitimate = true
		b.expect("put", b.put(5, natRequest), "non 4.09 a101a10281a111a11304")
	}},
	{"more mitigations than one datagram holds are read in blocks", func(b *bench) {
		for i := range 40 {
			b.put(i+1, scope(fmt.Sprintf("198.51.100.%d/32", i+1), "203.0.113.20/32"))
		}
		var whole string
		for number := range uint32(40) {
			got := b.say(coap.NonConfirmable, coap.GET, dotsPath+"mitigate/cuid=c", "", coap.Number(coap.Block2, number<<4|4))
			b.clock.advance(time.Second)
			if strings.HasPrefix(got, "non 4.00") {
				break
			}
			whole += strings.TrimPrefix(got, "non 2.05 ")
		}
		raw, err := hex.DecodeString(whole)
		reports, readErr := wire.DecodeReports(raw)
		if err != nil || readErr != nil || len(reports) != 40 {
			b.t.Errorf("%d mitigations, %v %v", len(reports), err, readErr)
		}
		if got := b.say(coap.NonConfirmable, coap.GET, dotsPath+"mitigate/cuid=c", ""); len(got) != len("non 2.05 ")+2048 {
			b.t.Errorf("unasked, the first block has %d characters", len(got))
		}
	}},
}

var checksOfObservers = []check{
	{"observers hear of each status at once, of counters every three seconds", func(b *bench) {
		b.put(5, natRequest)
		b.get(5, coap.Number(coap.Observe, 0))
		b.told()
		b.s.Update(b.key(5), wire.State{Status: wire.Mitigated})
		b.s.Update(b.key(5), wire.State{Status: wire.Stopped})
		if got := b.told(); len(got) != 1 || !strings.Contains(got[0], "1003") || !strings.HasPrefix(got[0], "non 2.05") {
			b.t.Errorf("two changes at once: %s", got)
		}
		b.s.Update(b.key(5), wire.State{Status: wire.Stopped, Drops: wire.Drops{Packets: 1}})
		if got := b.told(); len(got) != 0 {
			b.t.Errorf("counters at once: %s", got)
		}
		b.clock.advance(3 * time.Second)
		if got := b.told(); len(got) != 1 {
			b.t.Errorf("counters after three seconds: %s", got)
		}
		b.s.Update(b.key(5), wire.State{Status: wire.Stopped, Drops: wire.Drops{Packets: 1}})
		b.clock.advance(3 * time.Second)
		if got := b.told(); len(got) != 0 {
			b.t.Errorf("the same counters again: %s", got)
		}
		b.clock.advance(time.Minute)
		if got := b.told(); len(got) != 1 {
			b.t.Errorf("after a minute without news: %s", got)
		}
	}},
	{"an observation is ended by its token, or by a reset", func(b *bench) {
		b.put(5, natRequest)
		b.get(5, coap.Number(coap.Observe, 0))
		b.get(5, coap.Number(coap.Observe, 1))
		b.s.Update(b.key(5), wire.State{Status: wire.Mitigated})
		if got := b.told(); len(got) != 0 {
			b.t.Errorf("deregistered: %s", got)
		}
		b.get(5, coap.Number(coap.Observe, 0))
		b.s.Update(b.key(5), wire.State{Status: wire.Stopped})
		b.told()
		b.pass(coap.Message{Type: coap.Reset, ID: b.exchange.id})
		b.s.Update(b.key(5), wire.State{Status: wire.Mitigated})
		if got := b.told(); len(got) != 0 {
			b.t.Errorf("reset: %s", got)
		}
	}},
	{"what the owner ended is told for three seconds to who did not observe it yet", func(b *bench) {
		b.put(5, natRequest)
		b.s.Release(b.key(5), wire.State{Status: wire.ServerEnded})
		if got := b.get(5, coap.Number(coap.Observe, 0)); !strings.HasPrefix(got, "non 2.05") || !strings.Contains(got, "1007") {
			b.t.Errorf("at once: %s", got)
		}
		b.clock.advance(3 * time.Second)
		b.expect("later", b.get(5), "non 4.04")
	}},
	{"observers are bounded", func(b *bench) {
		b.put(5, natRequest)
		for i := range 100 {
			m := coap.Message{Type: coap.NonConfirmable, Code: coap.GET, ID: uint16(1000 + i), Token: []byte{byte(i), 9}, Options: []coap.Option{coap.Number(coap.Observe, 0)}}
			m.SetPath(strings.Split(mitigatePath+"5", "/"))
			b.pass(m)
		}
		if len(b.observers) != maxObservers {
			b.t.Errorf("%d observers", len(b.observers))
		}
	}},
	{"a configuration's observer hears of another", func(b *bench) {
		b.say(coap.Confirmable, coap.GET, dotsPath+"config", "", coap.Number(coap.Observe, 0))
		b.expect("put", b.say(coap.Confirmable, coap.PUT, dotsPath+"config/sid=7", probing15), "ack 2.01")
		if got := b.told(); len(got) != 1 || got[0] != "non 2.05 "+fig20 {
			b.t.Errorf("told: %s", got)
		}
		b.expect("lower sid", b.say(coap.Confirmable, coap.PUT, dotsPath+"config/sid=6", probing15), "ack 4.00")
		b.expect("same sid", b.say(coap.Confirmable, coap.PUT, dotsPath+"config/sid=7", probing15), "ack 2.04")
		b.expect("no sid", b.say(coap.Confirmable, coap.PUT, dotsPath+"config", probing15), "ack 4.00")
	}},
}

var checksOfASession = []check{
	{"the same datagram again gets the same answer, and is not acted on", func(b *bench) {
		first := b.put(5, natRequest)
		b.id--
		b.expect("again", b.put(5, natRequest), first)
		b.expect("the home hears", strings.Join(b.home.told, ", "), "mitigate c 5")
		if len(b.home.told) != 1 {
			b.t.Errorf("told %s", b.home.told)
		}
	}},
	{"heartbeats say whether the peer's arrive", func(b *bench) {
		b.expect("without a body", b.say(coap.NonConfirmable, coap.PUT, dotsPath+"hb", ""), "non 4.00")
		b.expect("with a cuid", b.say(coap.NonConfirmable, coap.PUT, dotsPath+"hb/cuid=c", beatTrue), "non 4.00")
		b.say(coap.NonConfirmable, coap.PUT, dotsPath+"hb", beatTrue)
		for after, want := range map[time.Duration]string{60 * time.Second: beatTrue, 61 * time.Second: beatFalse} {
			b.expect(after.String(), shown(b.heartbeatOut(b.clock.Now().Add(after))), "non 0.03 "+want)
		}
	}},
	{"silence of 15 intervals ends a session, anything that arrives keeps it", func(b *bench) {
		if got := b.deadline().Sub(b.clock.Now()); got != 450*time.Second {
			b.t.Errorf("dead after %s", got)
		}
		b.clock.advance(449 * time.Second)
		b.pass(coap.Message{Type: coap.NonConfirmable, ID: 9, Code: coap.Code(wire.Changed)})
		if got := b.deadline().Sub(b.clock.Now()); got != 450*time.Second {
			b.t.Errorf("after an answer: dead after %s", got)
		}
	}},
	{"another pace while a mitigation is active", func(b *bench) {
		b.config.Mitigating.Heartbeat = 15
		if b.interval() != 30*time.Second {
			b.t.Errorf("idle: %s", b.interval())
		}
		b.put(5, natRequest)
		if b.interval() != 15*time.Second {
			b.t.Errorf("mitigating: %s", b.interval())
		}
	}},
	{"redirections are followed within the trusted domain, and not in circles", func(b *bench) {
		path := dotsPath + "redirect/cuid=c/mid=1"
		b.s.callers[0].talked["alt-call-home-client.example"] = b.clock.Now()
		b.expect("a loop", b.say(coap.NonConfirmable, coap.PUT, path, fig9), "non 4.00")
		b.clock.advance(5 * time.Minute)
		b.expect("later", b.say(coap.NonConfirmable, coap.PUT, path, fig9), "non 2.01")
		if b.moved == nil || b.moved.Name != "alt-call-home-client.example" || len(b.moved.Addresses) != 2 {
			b.t.Errorf("sent to %+v", b.moved)
		}
		b.s.callers[0].provider.TrustedDomain = "ample"
		b.expect("another domain", b.say(coap.NonConfirmable, coap.PUT, path, fig9), "non 4.00")
	}},
	{"pings and malformed messages", func(b *bench) {
		b.expect("a ping", b.pass(coap.Message{Type: coap.Confirmable, ID: 5}), "rst 0.00")
		b.expect("an answer that wants to be acknowledged", b.pass(coap.Message{Type: coap.Confirmable, ID: 6, Code: coap.Code(wire.Changed)}), "ack 0.00")
		b.expect("a request in an acknowledgment", b.pass(coap.Message{Type: coap.Acknowledgment, ID: 7, Code: coap.GET}), "")
	}},
}

var checksOfWhatIsHostile = []check{
	{"sources that are not ours, and impossible ones", func(b *bench) {
		for _, source := range []string{"192.0.2.1/32", "192.168.1.20/32", "203.0.113.0/24", "239.0.0.1/32", "127.0.0.1/32", "255.255.255.255/32"} {
			b.expect(source, b.put(5, scope("198.51.100.7/32", source)), "non 4.00")
		}
		if len(b.home.told) != 0 {
			b.t.Errorf("the home hears %s", b.home.told)
		}
	}},
	{"floods of requests", func(b *bench) {
		answered := 0
		for range 1000 {
			if b.say(coap.NonConfirmable, coap.PUT, dotsPath+"hb", beatTrue) != "" {
				answered++
			}
		}
		if answered != 128 {
			b.t.Errorf("%d of 1000 at once are answered", answered)
		}
		b.expect("a confirmable one", b.say(coap.Confirmable, coap.GET, dotsPath+"config", ""), "ack 5.03")
		b.clock.advance(time.Second)
		b.expect("a second later", b.say(coap.Confirmable, coap.GET, dotsPath+"config", ""), "ack 2.05")
	}},
	{"a thousand cuids", func(b *bench) {
		for i := range 1000 {
			b.clock.advance(time.Second)
			b.say(coap.NonConfirmable, coap.PUT, fmt.Sprintf("%smitigate/cuid=c%d/mid=1", dotsPath, i), natRequest)
		}
		if n := len(b.s.Mitigations()); n > 64 {
			b.t.Errorf("%d are kept", n)
		}
	}},
	{"bodies cut short and nested deep", func(b *bench) {
		for n := 2; n < len(natRequest); n += 2 {
			b.clock.advance(time.Second)
			b.expect("cut", b.put(5, natRequest[:n]), "non 4.00")
		}
		b.expect("nested", b.put(5, strings.Repeat("81", 3000)+"00"), "non 4.00")
		b.expect("too large", b.put(5, strings.Repeat("00", wire.MaxBody+1)), "non 4.13")
	}},
	{"unknown critical options", func(b *bench) {
		for _, number := range []uint16{9, 27, 31, 65001} {
			o := coap.Option{Number: number}
			b.expect("confirmable", b.say(coap.Confirmable, coap.GET, dotsPath+"config", "", o), "ack 4.02")
			b.expect("non-confirmable", b.say(coap.NonConfirmable, coap.GET, dotsPath+"config", "", o), "rst 0.00")
		}
		b.expect("one that is none", b.say(coap.Confirmable, coap.GET, dotsPath+"config", "", coap.Option{Number: 28}), "ack 2.05")
		b.expect("another format", b.say(coap.Confirmable, coap.GET, dotsPath+"config", "", coap.Number(coap.Accept, 50)), "ack 4.06")
	}},
}
