package packet

import "testing"

func TestParseMAC(t *testing.T) {
	for in, want := range map[string]string{
		"02:00:00:00:00:01":  "02:00:00:00:00:01",
		"02-00-00-AB-cd-01":  "02:00:00:ab:cd:01",
		"02:00-00:00:00:01":  "",
		"02:00:00:00:00":     "",
		"02.00.00.00.00.01":  "",
		"0g:00:00:00:00:01":  "",
		"02:00:00:00:00:011": "",
		"":                   "",
	} {
		mac, err := ParseMAC(in)
		if want == "" {
			if err == nil {
				t.Errorf("ParseMAC(%q) = %v, want an error", in, mac)
			}
			continue
		}
		if err != nil || mac.String() != want {
			t.Errorf("ParseMAC(%q) = %v, %v; want %s", in, mac, err, want)
		}
	}
}

func TestMACKinds(t *testing.T) {
	for _, tt := range []struct {
		mac            string
		unicast, local bool
	}{
		{"02:00:00:00:00:01", true, true},
		{"00:00:5e:00:53:01", true, false},
		{"00:00:00:00:00:00", false, false},
		{"ff:ff:ff:ff:ff:ff", false, true},
		{"01:80:c2:00:00:0e", false, false},
	} {
		m, err := ParseMAC(tt.mac)
		if err != nil {
			t.Fatal(err)
		}
		if m.IsUnicast() != tt.unicast || m.IsLocal() != tt.local {
			t.Errorf("%s: unicast %v local %v, want %v %v", tt.mac, m.IsUnicast(), m.IsLocal(), tt.unicast, tt.local)
		}
	}
}
