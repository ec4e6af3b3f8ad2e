package cluster

import (
	"crypto/x509"
	"encoding/pem"
	"os"

	"dev.megalodon/e2e/cluster/orchestrator/pki"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

func (c *Cluster) certificate(name string) string { return c.Path("pki", name+".crt") }

func (c *Cluster) key(name string) string { return c.Path("pki", name+".key") }

func (c *Cluster) kubeconfigOf(name string) string { return c.Path("pki", name+".kubeconfig") }

// writeCredentials makes every certificate, key and kubeconfig of the cluster.
func (c *Cluster) writeCredentials() error {
	authority, err := pki.NewAuthority()
	if err != nil {
		return err
	}
	key, err := authority.KeyPEM()
	if err != nil {
		return err
	}
	if err := (pki.Pair{Certificate: authority.PEM, Key: key}).Write(c.Path("pki", "ca")); err != nil {
		return err
	}
	if err := c.writeServiceAccountKey(); err != nil {
		return err
	}
	for name, identity := range c.identities() {
		pair, err := authority.Issue(identity)
		if err != nil {
			return err
		}
		if err := pair.Write(c.Path("pki", name)); err != nil {
			return err
		}
		if err := authority.WriteKubeconfig(c.kubeconfigOf(name), c.Name(), c.networkURL(), pair); err != nil {
			return err
		}
		if name == "admin" {
			err := authority.WriteKubeconfig(c.Kubeconfig(), c.Name(), c.localURL(), pair)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// identities maps the base name of a certificate to whom it is for. The users' names are those that
// Kubernetes' built-in roles are bound to.
func (c *Cluster) identities() map[string]pki.Identity {
	identities := map[string]pki.Identity{
		"admin":                   {User: "admin", Group: "system:masters"},
		"coredns":                 {User: "coredns"},
		"etcd":                    {User: "etcd", Hosts: []string{"127.0.0.1"}},
		"front-proxy":             {User: frontProxyUser},
		"kube-apiserver":          {User: "kube-apiserver", Hosts: c.apiServerHosts()},
		"kube-apiserver-etcd":     {User: "kube-apiserver-etcd"},
		"kube-apiserver-kubelet":  {User: "kube-apiserver-kubelet-client"},
		"kube-controller-manager": {User: "system:kube-controller-manager"},
		"kube-proxy":              {User: "system:kube-proxy"},
		"kube-scheduler":          {User: "system:kube-scheduler"},
	}
	for _, node := range c.Nodes() {
		identities[node.Name()] = pki.Identity{
			User: "system:node:" + node.Name(), Group: "system:nodes",
			Hosts: []string{node.Name(), node.IP()},
		}
	}
	return identities
}

func (c *Cluster) apiServerHosts() []string {
	return []string{
		"127.0.0.1", "localhost", c.HostIP(), plan.APIServiceIP, "kubernetes", "kubernetes.default",
		"kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}
}

// writeServiceAccountKey makes the key that signs the pods' tokens.
func (c *Cluster) writeServiceAccountKey() error {
	key, err := pki.NewKey()
	if err != nil {
		return err
	}
	private, err := pki.EncodeKey(key)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if err := os.WriteFile(c.Path("pki", "service-account.pub"), public, 0o644); err != nil {
		return err
	}
	return os.WriteFile(c.key("service-account"), private, 0o600)
}
