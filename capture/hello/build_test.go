package hello

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
)

var (
	cam    = packet.MAC{2, 0, 0, 0, 0, 1}
	client = netip.MustParseAddrPort("192.168.1.163:40321")
	server = netip.MustParseAddrPort("198.51.100.7:443")
	start  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

const camName = "up.cam.example.net"

// recorded is what crypto/tls sends first over a connection.
func recorded(tb testing.TB, change func(*tls.Config)) []byte {
	tb.Helper()
	config := &tls.Config{ServerName: camName}
	if change != nil {
		change(config)
	}
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- tls.Client(near, config).Handshake() }()
	header := make([]byte, recordHeader)
	if _, err := io.ReadFull(far, header); err != nil {
		tb.Fatal(err)
	}
	b := append(header, make([]byte, recordLength(header))...)
	if _, err := io.ReadFull(far, b[recordHeader:]); err != nil {
		tb.Fatal(err)
	}
	far.Close()
	<-done
	return b
}

// recordedQUIC is the ClientHello that crypto/tls makes for QUIC.
func recordedQUIC(tb testing.TB) []byte {
	tb.Helper()
	conn := tls.QUICClient(&tls.QUICConfig{TLSConfig: &tls.Config{
		ServerName: camName, MinVersion: tls.VersionTLS13, NextProtos: manyProtocols(40),
	}})
	conn.SetTransportParameters([]byte{1, 2, 3, 4})
	if err := conn.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	for e := conn.NextEvent(); e.Kind != tls.QUICNoEvent; e = conn.NextEvent() {
		if e.Kind == tls.QUICWriteData {
			return e.Data
		}
	}
	tb.Fatal("no ClientHello")
	return nil
}

// manyProtocols make a hello larger.
func manyProtocols(n int) (names []string) {
	for range n {
		names = append(names, "a-protocol-with-a-long-name")
	}
	return names
}

// withECH gives the client a key to encrypt its real hello with (RFC 9849 section 4); the outer one names
// public.example.
func withECH(tb testing.TB) func(*tls.Config) {
	tb.Helper()
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	public := private.PublicKey().Bytes()
	content := []byte{7, 0, 0x20} // identifier, DHKEM(X25519)
	content = append(binary.BigEndian.AppendUint16(content, uint16(len(public))), public...)
	content = append(content, 0, 4, 0, 1, 0, 1, 32) // HKDF-SHA256, AES-128-GCM, longest name
	content = append(append(content, byte(len("public.example"))), "public.example"...)
	content = append(content, 0, 0)
	config := binary.BigEndian.AppendUint16([]byte{0xfe, 0x0d}, uint16(len(content)))
	config = append(config, content...)
	list := append(binary.BigEndian.AppendUint16(nil, uint16(len(config))), config...)
	return func(c *tls.Config) {
		c.MinVersion = tls.VersionTLS13
		c.EncryptedClientHelloConfigList = list
	}
}

// records cuts the handshake message of one record into records of n bytes.
func records(b []byte, n int) (out []byte) {
	for rest := b[recordHeader:]; len(rest) > 0; {
		part := rest[:min(n, len(rest))]
		rest = rest[len(part):]
		out = binary.BigEndian.AppendUint16(append(out, b[:3]...), uint16(len(part)))
		out = append(out, part...)
	}
	return out
}

func segment(seq uint32, payload []byte) *packet.Packet {
	return &packet.Packet{
		Time: start, SrcMAC: cam, EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoTCP,
		Src: client.Addr(), SrcPort: client.Port(), Dst: server.Addr(), DstPort: server.Port(),
		TCPFlags: tcpACK, TCPSeq: seq, Payload: payload,
	}
}

func syn(seq uint32) *packet.Packet {
	p := segment(seq, nil)
	p.TCPFlags = tcpSYN
	return p
}

func udp(payload []byte) *packet.Packet {
	p := segment(0, payload)
	p.Proto, p.TCPFlags = packet.ProtoUDP, 0
	return p
}

// cut makes segments of at most n bytes, from sequence number seq on.
func cut(seq uint32, b []byte, n int) (out []*packet.Packet) {
	for len(b) > 0 {
		part := b[:min(n, len(b))]
		b = b[len(part):]
		out = append(out, segment(seq, part))
		seq += uint32(len(part))
	}
	return out
}

func shuffled[T any](seed uint64, all []T) []T {
	r := mrand.New(mrand.NewPCG(seed, 0))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// feed gives all packets to the reader, and returns the names that come out.
func feed(r *Reader, packets ...*packet.Packet) (names []Name) {
	for _, p := range packets {
		if name, ok := r.Add(p); ok {
			names = append(names, name)
		}
	}
	return names
}

func want(t *testing.T, got []Name, want ...Name) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("names %+v, want %+v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("name %+v, want %+v", got[i], want[i])
		}
	}
}
