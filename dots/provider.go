package dots

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

// Credentials are the certificates and the key of one file.
type Credentials struct{ CA, Cert, Key []byte } // PEM
