package dhcp

import (
	"fmt"
	"testing"

	"spinneret/capture/packet"
)

// say is an answer of a server with these options, as it leaves the router.
func say(options ...[]byte) *packet.Packet {
	return frame(v4(2, cam, append([][]byte{option(v4Type, Ack)}, options...)...), v4ServerPort, v4ClientPort)
}

func TestTheRoutersDHCPSaysWhichServersThereAre(t *testing.T) {
	foreign := say(option(v4Resolvers, 192, 168, 1, 66))
	foreign.In = 3
	six := frame(v6(reply, option6(v6Resolvers, append([]byte{0xfd, 0}, make([]byte, 14)...)...)), v6ServerPort, 546)
	cases := map[string]struct {
		packets []*packet.Packet
		want    string
	}{
		"resolvers and time servers": {
			[]*packet.Packet{say(option(v4Resolvers, 192, 168, 1, 1, 192, 168, 1, 53), option(v4TimeServers, 192, 168, 1, 123))},
			"[192.168.1.1 192.168.1.53] [192.168.1.123]",
		},
		"the same again":               {[]*packet.Packet{say(option(v4Resolvers, 1, 1, 1, 1)), say(option(v4Resolvers, 1, 1, 1, 1))}, "[1.1.1.1] []"},
		"of IPv6":                      {[]*packet.Packet{six}, "[fd00::] []"},
		"of another DHCP server":       {[]*packet.Packet{foreign}, "[] []"},
		"half an address":              {[]*packet.Packet{say(option(v4Resolvers, 192, 168, 1, 1, 192))}, "[] []"},
		"addresses that are none":      {[]*packet.Packet{say(option(v4Resolvers, 0, 0, 0, 0, 224, 0, 0, 1, 127, 0, 0, 1))}, "[] []"},
		"an offer, which is no word":   {[]*packet.Packet{frame(v4(2, cam, option(v4Type, 2), option(v4Resolvers, 1, 1, 1, 1)), v4ServerPort, v4ClientPort)}, "[] []"},
		"a question of a device":       {[]*packet.Packet{frame(ask(Request, cam, option(v4Resolvers, 1, 1, 1, 1)), v4ClientPort, v4ServerPort)}, "[] []"},
		"something that is no message": {[]*packet.Packet{frame([]byte("garbage"), v4ServerPort, v4ClientPort)}, "[] []"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var h Handed
			for _, p := range c.packets {
				h.Observe(p, packet.MAC{}, packet.MAC{})
			}
			resolvers, timeServers := h.Servers()
			if got := fmt.Sprint(resolvers, timeServers); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestHandedServersAreFew(t *testing.T) {
	var h Handed
	for i := range byte(100) {
		h.Observe(say(option(v4Resolvers, 10, 0, 0, i)), packet.MAC{}, packet.MAC{})
	}
	if list, _ := h.Servers(); len(list) != maxHanded || list[maxHanded-1].String() != "10.0.0.99" {
		t.Errorf("servers %v", list)
	}
}
