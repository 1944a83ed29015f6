package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"spinneret/agent"
	"spinneret/dots"
	"spinneret/openwrt/uci"
)

// maxCredentials bounds a file of certificates and keys, in bytes.
const maxCredentials = 256 << 10

// providers are whom to call, also those that cannot be for want of credentials.
func providers(c uci.Config) (list []agent.Provider) {
	for _, p := range c.Providers {
		who, err := provider(p)
		one := agent.Provider{Provider: who, Policy: p.Policy, MaxDevices: p.MaxDevices}
		if err != nil {
			one.Missing = err.Error()
		}
		list = append(list, one)
	}
	return list
}

// provider reads what it takes to call one.
func provider(p uci.Provider) (dots.Provider, error) {
	out := dots.Provider{ID: p.ID, Address: p.Address, Port: p.Port, Name: p.Name, TrustedDomain: p.TrustedDomain}
	var err error
	switch {
	case p.Credentials != "":
		var all []byte
		if all, err = secret(p.Credentials); err != nil {
			return out, err
		}
		found, err := dots.ParseCredentials(all)
		if err != nil {
			return out, fmt.Errorf("%s: %w", p.Credentials, err)
		}
		out.CA, out.Cert, out.Key = found.CA, found.Cert, found.Key
	case p.PSKFile != "":
		out.PSKIdentity = p.PSKIdentity
		out.PSK, err = secret(p.PSKFile)
		out.PSK = bytes.TrimSpace(out.PSK)
	case p.CA != "":
		var errs [3]error
		out.CA, errs[0] = secret(p.CA)
		out.Cert, errs[1] = secret(p.Cert)
		out.Key, errs[2] = secret(p.Key)
		err = errors.Join(errs[:]...)
	default:
		err = errors.New("it has no credentials: add option credentials, as the provider gave them")
	}
	return out, err
}

// secret reads a file that only the agent should be able to read.
func secret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCredentials+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read credentials: %w", err)
	case len(data) == 0 || len(data) > maxCredentials:
		return nil, fmt.Errorf("%s is empty or larger than %d kB: give the file that the provider gave", path, maxCredentials>>10)
	}
	return data, nil
}
