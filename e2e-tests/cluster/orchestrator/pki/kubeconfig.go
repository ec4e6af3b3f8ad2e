package pki

import (
	"encoding/base64"
	"fmt"
	"os"
)

const kubeconfigFormat = `apiVersion: v1
kind: Config
clusters:
- name: %[1]s
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
users:
- name: %[1]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
contexts:
- name: %[1]s
  context:
    cluster: %[1]s
    user: %[1]s
current-context: %[1]s
`

// WriteKubeconfig writes how a client with the pair reaches the API server at the URL.
func (a *Authority) WriteKubeconfig(path, name, server string, pair Pair) error {
	content := fmt.Sprintf(kubeconfigFormat, name, server,
		base64.StdEncoding.EncodeToString(a.PEM),
		base64.StdEncoding.EncodeToString(pair.Certificate),
		base64.StdEncoding.EncodeToString(pair.Key))
	return os.WriteFile(path, []byte(content), 0o600)
}
