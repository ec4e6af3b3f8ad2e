package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestShouldIssueCertificatesThatTheAuthorityVouchesFor(t *testing.T) {
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Issue(Identity{
		User: "system:node:node-1", Group: "system:nodes", Hosts: []string{"node-1", "198.18.0.11"},
	})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.PEM)
	for _, host := range []string{"node-1", "198.18.0.11"} {
		usages := []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		if _, err := loaded.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: usages}); err != nil {
			t.Error(err)
		}
	}
	if _, err := loaded.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "node-2"}); err == nil {
		t.Error("it is valid for another node")
	}
	if subject := loaded.Leaf.Subject.String(); subject != "CN=system:node:node-1,O=system:nodes" {
		t.Errorf("subject is %s", subject)
	}
}

func TestShouldKeepKubeconfigsPrivate(t *testing.T) {
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := authority.WriteKubeconfig(path, "name", "https://127.0.0.1:1", Pair{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), "server: https://127.0.0.1:1\n") {
		t.Errorf("%s %v", content, err)
	}
}
