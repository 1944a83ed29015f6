package store

import "testing"

func TestNoPasswordStandsInAnError(t *testing.T) {
	for urls, want := range map[string]string{
		"nats://n1.example:4222":                             "nats://n1.example:4222",
		"nats://isp:s3cret@n1.example, tls://t:s3cret@n2:42": "nats://isp:xxxxx@n1.example,tls://t:xxxxx@n2:42",
		"nats://%s3cret@n1":                                  "option nats_url",
	} {
		if got := withoutPassword(urls); got != want {
			t.Errorf("%q: %q, want %q", urls, got, want)
		}
	}
}
