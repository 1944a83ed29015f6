package anomaly

import (
	"net/netip"
	"strconv"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// spreadPorts are those by which programs that spread themselves look for the next device (Mirai and its kin, as
// seen by honeypots): telnet, Android's debugger, and the remote management of providers' routers.
var spreadPorts = map[uint16]string{23: "telnet", 2323: "telnet", 5555: "adb", 7547: "TR-069", 37215: "UPnP", 52869: "UPnP"}

// loginPorts are of services that ask for a password outside of a web page.
var loginPorts = map[uint16]string{
	21: "FTP", 22: "SSH", 23: "telnet", 139: "SMB", 445: "SMB", 1433: "SQL", 2323: "telnet", 3306: "SQL", 3389: "RDP", 5900: "VNC",
}

// isLogin reports whether a flow leads to one of these.
func isLogin(f *capture.Flow) bool {
	return f.Protocol == packet.ProtoTCP && loginPorts[f.Port] != ""
}

// isWeb reports whether half of all connections go to that port: where the way out is broken, these fail by dozens.
func isWeb(port uint16) bool { return port == 80 || port == 443 }

// service is what people call a port.
func service(protocol uint8, port uint16) say.Phrase {
	if name := spreadPorts[port]; name != "" {
		return say.Plain(name)
	}
	if name := loginPorts[port]; name != "" {
		return say.Plain(name)
	}
	switch protocol {
	case packet.ProtoTCP:
		return say.New("port", "TCP", strconv.Itoa(int(port)))
	case packet.ProtoUDP:
		return say.New("port", "UDP", strconv.Itoa(int(port)))
	}
	return say.New("ping")
}

// use is what people call what a flow is for.
func use(f *capture.Flow) say.Phrase {
	if isWeb(f.Port) {
		return say.Plain("web")
	}
	return service(uint8(f.Protocol), f.Port)
}

// anywhere is a port of all addresses, as targets.
func anywhere(protocol uint8, port uint16) []string {
	name := map[uint8]string{packet.ProtoTCP: "/tcp", packet.ProtoUDP: "/udp"}[protocol]
	if name == "" || port == 0 {
		return nil
	}
	p := strconv.Itoa(int(port))
	return []string{"0.0.0.0/0:" + p + name, "[::/0]:" + p + name}
}

// target is the service of a login, as a target.
func (t *loginTrack) target() []string {
	return []string{netip.AddrPortFrom(t.addr, t.port).String() + "/tcp"}
}
