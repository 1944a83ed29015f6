package dhcp

import (
	"slices"
	"testing"

	"spinneret/capture/packet"
)

// must gives what a device said, which has to be there.
func must(t *testing.T, s *Store, mac packet.MAC) Client {
	t.Helper()
	c, ok := s.Get(mac)
	if !ok {
		t.Fatalf("nothing of %v", mac)
	}
	return c
}

func TestADeviceIsKnownByWhatItSays(t *testing.T) {
	s := NewStore(10)
	s.Observe(frame(ask(Discover, cam, text(v4Hostname, "cam"), text(v4MUD, mud)), 68, 67), cam, packet.MAC{})
	s.Observe(frame(ack(cam, camAddr), 67, 68), packet.MAC{}, cam)
	want := Client{MAC: cam, Fingerprint: "v4:1,3,6 udhcp 1.36.1", Hostname: "cam", MUDURL: mud, Last: start}
	if c := must(t, s, cam); c != want {
		t.Errorf("client %+v, want %+v", c, want)
	}
	if list := s.Append(nil); len(list) != 1 || list[0] != want {
		t.Errorf("list %+v", list)
	}
}

func TestWhatADeviceSaysLaterStandsAndSilenceTakesNothingBack(t *testing.T) {
	s := NewStore(10)
	s.Observe(frame(ask(Discover, cam, text(v4Hostname, "cam"), text(v4MUD, mud)), 68, 67), cam, packet.MAC{})
	s.Observe(frame(ask(Request, cam), 68, 67), cam, packet.MAC{})
	s.Observe(frame(v4(1, cam, option(v4Type, 8), option(v4Parameters, 1, 252)), 68, 67), cam, packet.MAC{}) // Inform
	s.Observe(frame(solicit(), 546, 547), cam, packet.MAC{})
	if c := must(t, s, cam); c.Hostname != "cam" || c.MUDURL != mud || c.Fingerprint != "v4:1,3,6 udhcp 1.36.1" {
		t.Errorf("client %+v", c)
	}
	s.Observe(frame(v4(1, cam, option(v4Type, Request), option(v4Parameters, 1, 121), text(v4Hostname, "eye")), 68, 67), cam, packet.MAC{})
	if c := must(t, s, cam); c.Hostname != "eye" || c.Fingerprint != "v4:1,121" {
		t.Errorf("client %+v", c)
	}
}

func TestADeviceOfIPv6AloneHasAFingerprintToo(t *testing.T) {
	s := NewStore(10)
	s.Observe(frame(v6(InformationRequest, option6(v6Oro, 0, 23)), 546, 547), cam, packet.MAC{})
	if c := must(t, s, cam); c.Fingerprint != "v6:23" {
		t.Errorf("fingerprint %q", c.Fingerprint)
	}
	s.Observe(frame(solicit(), 546, 547), cam, packet.MAC{})
	s.Observe(frame(v6(InformationRequest, option6(v6Oro, 0, 23)), 546, 547), cam, packet.MAC{})
	if c := must(t, s, cam); c.Fingerprint != "v6:23,24 40712 dhcpcd" || c.Hostname != "cam" || c.MUDURLv6 != mud {
		t.Errorf("client %+v", c)
	}
	s.Observe(frame(ask(Discover, cam), 68, 67), cam, packet.MAC{})
	if c := must(t, s, cam); c.Fingerprint != "v4:1,3,6 udhcp 1.36.1" {
		t.Errorf("fingerprint %q, want that of DHCPv4", c.Fingerprint)
	}
}

func TestADeviceSpeaksForItselfAlone(t *testing.T) {
	tests := map[string]struct {
		p    *packet.Packet
		from packet.MAC
	}{
		"in another's name":      {frame(ask(Discover, cam), 68, 67), tv},
		"by nobody":              {frame(ask(Discover, cam), 68, 67), packet.MAC{}},
		"by nobody in IPv6":      {frame(solicit(), 546, 547), packet.MAC{}},
		"relayed":                {frame(relayed(v6(Solicit)), 547, 547), tv},
		"a reply to a relay":     {frame(v6(reply), 547, 547), tv},
		"of another link's kind": {frame(v4(1, packet.MAC{}, option(v4Type, Discover)), 68, 67), tv},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := NewStore(10)
			s.Observe(test.p, test.from, packet.MAC{})
			if list := s.Append(nil); len(list) != 0 || s.Losses()[1].Lost != 1 {
				t.Errorf("clients %+v, %d in another's name", list, s.Losses()[1].Lost)
			}
		})
	}
}

// TestARelayTellsTheMUDURLAlone of the device behind it, apart from what the device says itself.
func TestARelayTellsTheMUDURLAlone(t *testing.T) {
	byV4 := ask(Discover, cam, text(v4Hostname, "cam"), text(v4MUD, mud))
	byV4[24], byV4[27] = 192, 1 // giaddr
	link := option6(v6Link, append([]byte{0, 1}, tv[:]...)...)
	for name, c := range map[string]struct {
		p  *packet.Packet
		of packet.MAC
	}{
		"DHCPv4":                         {frame(byV4, 67, 67), cam},
		"DHCPv6, by the DUID":            {frame(relayed(relayed(solicit())), 547, 547), cam},
		"DHCPv6, by what the relay says": {frame(relayed(relayed(solicit(), link)), 547, 547), tv},
	} {
		s := NewStore(10)
		s.Observe(c.p, packet.MAC{2, 9}, packet.MAC{})
		want := []Client{{MAC: c.of, MUDURLRelayed: mud, Last: start}}
		if list := s.Append(nil); !slices.Equal(list, want) {
			t.Errorf("%s: clients %+v, want %+v", name, list, want)
		}
	}
}

func TestOtherTrafficIsNothing(t *testing.T) {
	s := NewStore(10)
	later := frame(ask(Discover, cam), 68, 67)
	later.Fragment = true
	tcp := frame(ask(Discover, cam), 68, 67)
	tcp.Proto = packet.ProtoTCP
	crossed := frame(solicit(), 546, 547)
	crossed.EtherType = packet.EtherTypeIPv4
	for _, p := range []*packet.Packet{later, tcp, crossed, frame(nil, 68, 67), frame([]byte("GET"), 40000, 80)} {
		s.Observe(p, cam, packet.MAC{})
	}
	if s.Losses()[0].Lost != 0 || len(s.Append(nil)) != 0 {
		t.Errorf("bad %d, clients %v", s.Losses()[0].Lost, s.Append(nil))
	}
	web := frame([]byte("GET"), 40000, 80)
	if n := testing.AllocsPerRun(100, func() { s.Observe(web, cam, tv) }); n > 0 {
		t.Errorf("%v allocations for another packet", n)
	}
}

func TestWhatCannotBeReadIsCounted(t *testing.T) {
	s := NewStore(10)
	for _, p := range []*packet.Packet{
		frame([]byte("x"), 68, 67), frame([]byte("x"), 546, 547), frame(ack(cam, camAddr), 68, 67),
	} {
		s.Observe(p, cam, packet.MAC{})
	}
	if bad := s.Losses()[0].Lost; bad != 3 || len(s.Append(nil)) != 0 {
		t.Errorf("bad %d, want 3; clients %v", bad, s.Append(nil))
	}
}

func TestTheLongestSilentMakesRoom(t *testing.T) {
	s := NewStore(2)
	third := packet.MAC{2, 0, 0, 0, 0, 3}
	for _, mac := range []packet.MAC{cam, tv, cam, third} {
		s.Observe(frame(ask(Request, mac), 68, 67), mac, packet.MAC{})
	}
	if _, ok := s.Get(tv); ok {
		t.Error("the one silent for longest is still there")
	}
	must(t, s, cam)
	must(t, s, third)
	if st := s.Stores()[0]; st.Used != 2 || st.Limit != 2 || st.Evicted != 1 {
		t.Errorf("store %+v", st)
	}
}
