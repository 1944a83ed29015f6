package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"spinneret/openwrt/uci"
)

// writeCertificate makes one and its key.
func writeCertificate(t *testing.T, cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheRoutersCertificateIsTheCopy: named or not, for the agent cannot read the key of uhttpd itself.
func TestTheRoutersCertificateIsTheCopy(t *testing.T) {
	dir, usual := t.TempDir(), routerCertificates
	t.Cleanup(func() { routerCertificates = usual })
	copied := [2]string{filepath.Join(dir, "copy.crt"), filepath.Join(dir, "copy.key")}
	locked := [2]string{filepath.Join(dir, "uhttpd.crt"), filepath.Join(dir, "uhttpd.key")}
	routerCertificates = [][2]string{copied, locked}
	writeCertificate(t, copied[0], copied[1])
	log := slog.New(slog.DiscardHandler)
	for name, c := range map[string]uci.Config{
		"none is named": {}, "uhttpd's is named": {Cert: locked[0], Key: locked[1]}, "the copy is named": {Cert: copied[0], Key: copied[1]},
	} {
		if _, err := certificate(c, log); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := certificate(uci.Config{Cert: filepath.Join(dir, "own.crt"), Key: filepath.Join(dir, "own.key")}, log); err == nil {
		t.Error("the router's stands in for the owner's, which cannot be read")
	}
}
