// Package hello reads the name of the server from the first packets that a client sends it: the ClientHello of
// TLS, over TCP or in QUIC, and the request of HTTP/1.
package hello

// Source says where in a flow a name stood.
type Source string

// The sources of the contract that this package can give.
const (
	SNI  Source = "sni"  // a ClientHello over TCP (RFC 6066 section 3)
	QUIC Source = "quic" // a ClientHello in QUIC Initial packets (RFC 9001 section 4)
	HTTP Source = "http" // the Host field of a request (RFC 9110 section 7.2)
)

// Name is what the client calls the server.
type Name struct {
	// Host is a host name of letters, digits, hyphens and dots, in lower case, of at most 253 characters. It is
	// never an address. Where another ClientHello is inside, encrypted (RFC 9849), it is the name of whoever serves
	// the site. Clients that have nothing to hide send something that looks the same (section 6.2).
	Host   string
	Source Source
}

// verdict is what the first bytes of a message can be.
type verdict uint8

const (
	more  verdict = iota // a message with a name, as far as it goes
	none                 // no message with a name
	found                // a whole message with a name
)
