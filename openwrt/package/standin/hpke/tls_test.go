package hpke_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"
)

// TestTLSGoesOnWithoutIt, on each curve that certificates and keys are on. Alone this is about Go; the build of packages has
// it run on what stands in.
func TestTLSGoesOnWithoutIt(t *testing.T) {
	for id, curve := range map[tls.CurveID]elliptic.Curve{
		tls.CurveP256: elliptic.P256(), tls.CurveP384: elliptic.P384(), tls.CurveP521: elliptic.P521(), tls.X25519MLKEM768: elliptic.P256(),
	} {
		secret := &tls.Config{Certificates: []tls.Certificate{certificate(t, curve)}, SessionTicketsDisabled: true}
		roots := x509.NewCertPool()
		roots.AddCert(secret.Certificates[0].Leaf)
		here, there := net.Pipe()
		client := tls.Client(here, &tls.Config{RootCAs: roots, ServerName: "router.lan", CurvePreferences: []tls.CurveID{id}})
		servedC := make(chan error, 1)
		go func() { servedC <- tls.Server(there, secret).Handshake() }()
		err := client.Handshake()
		here.Close()
		if served := <-servedC; err != nil || served != nil {
			t.Errorf("%v, with a certificate on %s: %v, %v", id, curve.Params().Name, err, served)
		}
		there.Close()
	}
}

func certificate(t *testing.T, curve elliptic.Curve) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"router.lan"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, text, text, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
