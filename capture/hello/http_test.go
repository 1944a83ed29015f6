package hello

import (
	"strings"
	"testing"

	"spinneret/capture/packet"
)

const get = "GET /update?v=1 HTTP/1.1\r\nUser-Agent: cam/1.0\r\nHost: Up.Cam.example.net:8080\r\nAccept: */*\r\n\r\n"

var camHTTP = Name{Host: camName, Source: HTTP}

func TestHostOfARequest(t *testing.T) {
	for request, host := range map[string]string{
		get: camName,
		"POST / HTTP/1.0\nhost:\t up.cam.example.net. \n\n":                                  camName,
		"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n":                      "a.example",
		"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n":                                              "",
		"GET / HTTP/1.1\r\nHost: 198.51.100.7\r\n\r\n":                                       "",
		"GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n":                                   "",
		"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n":                       "",
		"GET / HTTP/1.1\r\nHost: <script>alert(1)</script>\r\n\r\n":                          "",
		"GET / HTTP/2.0\r\nHost: a.example\r\n\r\n":                                          "",
		"GET /\r\nHost: a.example\r\n\r\n":                                                   "",
		"GET  / HTTP/1.1\r\nHost: a.example\r\n\r\n":                                         "",
		"GETS / HTTP/1.1\r\nHost: a.example\r\n\r\n":                                         "",
		"HTTP/1.1 200 OK\r\nHost: a.example\r\n\r\n":                                         "",
		"GET / HTTP/1.1\r\nno field\r\nHost: a.example\r\n\r\n":                              "",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 20000) + "\r\nHost: a.example\r\n\r\n": "",
	} {
		p := segment(100, []byte(request))
		p.DstPort = 8123
		got := feed(NewReader(), p)
		if host == "" && len(got) > 0 || host != "" && (len(got) != 1 || got[0] != (Name{Host: host, Source: HTTP})) {
			t.Errorf("%.60q gives %+v, want %q", request, got, host)
		}
	}
}

func TestRequestInPieces(t *testing.T) {
	for _, size := range []int{1, 3, 40} {
		for seed := range uint64(5) {
			parts := shuffled(seed, cut(100, []byte(get), size))
			want(t, feed(NewReader(), append([]*packet.Packet{syn(99)}, parts...)...), camHTTP)
			for _, p := range parts {
				p.DstPort = portHTTP
			}
			want(t, feed(NewReader(), parts...), camHTTP)
		}
	}
}
