package hpke

import "testing"

func TestNothingIsSealedInSilence(t *testing.T) {
	if _, s, err := NewSender(nil, nil, nil, nil); s != nil || err == nil {
		t.Error("there is a sender")
	}
	if _, err := new(Sender).Seal(nil, nil); err == nil {
		t.Error("something was sealed")
	}
	if r, err := NewRecipient(nil, nil, nil, nil, nil); r != nil || err == nil {
		t.Error("there is a recipient")
	}
	if _, err := new(Recipient).Open(nil, nil); err == nil {
		t.Error("something was opened")
	}
	kem, err := NewKEM(0x20)
	_, publicErr := kem.NewPublicKey(nil)
	_, privateErr := kem.NewPrivateKey(nil)
	_, kdfErr := NewKDF(1)
	_, aeadErr := NewAEAD(1)
	if err == nil || publicErr == nil || privateErr == nil || kdfErr == nil || aeadErr == nil {
		t.Error("there is an algorithm")
	}
}
