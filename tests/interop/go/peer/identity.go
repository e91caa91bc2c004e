package peer

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"

	"github.com/enbility/ship-go/cert"
)

// Identity is a certificate with its key and the SKI that peers know it by.
type Identity struct {
	Certificate tls.Certificate
	Ski         string
}

// LoadIdentity reads the PEM files, or creates an identity: into the files if they are
// named, else for this run only.
func LoadIdentity(certFile, keyFile, commonName string) (Identity, error) {
	if certFile == "" || keyFile == "" {
		return newIdentity(commonName)
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err == nil {
		return identityOf(certificate)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return Identity{}, err
	}
	created, err := newIdentity(commonName)
	if err != nil {
		return Identity{}, err
	}
	return created, created.save(certFile, keyFile)
}

func newIdentity(commonName string) (Identity, error) {
	certificate, err := cert.CreateCertificate("Interop", "Peer", "DE", commonName)
	if err != nil {
		return Identity{}, err
	}
	return identityOf(certificate)
}

func identityOf(certificate tls.Certificate) (Identity, error) {
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		return Identity{}, err
	}
	ski, err := cert.SkiFromCertificate(leaf)
	return Identity{Certificate: certificate, Ski: ski}, err
}

func (i Identity) save(certFile, keyFile string) error {
	key, ok := i.Certificate.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the key is no EC key")
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePem(keyFile, "EC PRIVATE KEY", der); err != nil {
		return err
	}
	return writePem(certFile, "CERTIFICATE", i.Certificate.Certificate[0])
}

func writePem(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
