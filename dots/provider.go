package dots

import (
	"cmp"
	"crypto/tls"
	"time"

	"spinneret/dots/wire"
)

// Provider is whom to call, and how both sides know each other: by certificates, or by a shared key.
type Provider struct {
	ID      string // of our configuration
	Address string // a name or an address
	Port    uint16 // there is no usual one (RFC 9066 section 5.1)
	Name    string // what its certificate must say; Address where empty

	CA, Cert, Key []byte // PEM: whom we trust to name it, and who we are

	PSKIdentity string // who we are, where there are no certificates
	PSK         []byte

	// TrustedDomain is where the provider may send us to (RFC 9066 section 5.2.2): names in this domain, under the same
	// CA. Empty: nowhere.
	TrustedDomain string
}

// client is who the provider's requests come from, whichever of its machines sends them and whichever key that has: it
// may renew its certificate, or redirect us, without losing what it asked for.
func (p Provider) client() wire.Client {
	if len(p.PSK) > 0 {
		return wire.Client{Provider: p.ID, Identity: p.PSKIdentity}
	}
	return wire.Client{Provider: p.ID, Identity: p.name()}
}

// expires is until when our certificate is good; zero where there is none that can be read.
func (p Provider) expires() time.Time {
	own, err := tls.X509KeyPair(p.Cert, p.Key)
	if err != nil {
		return time.Time{}
	}
	return own.Leaf.NotAfter
}

// name is the reference identifier of its certificate.
func (p Provider) name() string { return cmp.Or(p.Name, p.Address) }

// Credentials are the certificates and the key of one file.
type Credentials struct{ CA, Cert, Key []byte } // PEM
