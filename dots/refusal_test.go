package dots

import (
	"slices"
	"testing"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// TestTheOwnerHearsWhyARequestWasTurnedDown, also where the provider is told by a number alone.
func TestTheOwnerHearsWhyARequestWasTurnedDown(t *testing.T) {
	b := newBench(t, true)
	var texts []string
	b.s.o.Refused = func(r Refusal) {
		if r.Client != b.client {
			t.Errorf("it is said to be of %+v", r.Client)
		}
		texts = append(texts, r.Code.String()+" "+r.Text)
	}
	b.put(1, scope("198.51.100.7/32", "192.0.2.9/32"))
	b.home.legitimate = true
	b.put(2, natRequest)
	b.home.legitimate = false
	b.put(9, natRequest)
	b.put(8, natRequest)
	b.expect("a look for what is not there", b.get(77), "non 4.04")
	want := []string{
		"4.00 a source-prefix is none of this home's addresses", "4.09 you called this traffic legitimate",
		"4.09 a later request of it is about the same traffic",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("the owner hears %q", texts)
	}
}

// TestAFloodIsSaidAFewTimes: most of it gets no answer, and its owner is not flooded in turn.
func TestAFloodIsSaidAFewTimes(t *testing.T) {
	b := newBench(t, true)
	var texts []string
	b.s.o.Refused = func(r Refusal) { texts = append(texts, r.Text) }
	answered := 0
	for range 1000 {
		if b.say(coap.NonConfirmable, coap.GET, configPath, "") != "" {
			answered++
		}
	}
	if answered != b.budget.size || len(texts) != b.refusals.size || texts[0] != "too many requests" {
		t.Errorf("%d of 1,000 were answered, and the owner heard %q", answered, texts)
	}
	b.expect("one more, which waits for its answer", b.say(coap.Confirmable, coap.GET, configPath, ""), "ack "+wire.ServiceUnavailable.String())
}

const configPath = dotsPath + "config"
