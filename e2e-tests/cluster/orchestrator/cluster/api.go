package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// api asks the API server as the administrator.
type api struct {
	client *http.Client
	server string
}

// localURL is the API server for this machine's people and programs.
func (c *Cluster) localURL() string {
	return fmt.Sprintf("https://127.0.0.1:%d", c.Port(plan.APIServerPort))
}

// networkURL is the API server for the cluster's own parts.
func (c *Cluster) networkURL() string {
	return fmt.Sprintf("https://%s:%d", c.HostIP(), c.Port(plan.APIServerPort))
}

func (c *Cluster) newAPI() (*api, error) {
	pair, err := tls.LoadX509KeyPair(c.certificate("admin"), c.key("admin"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(c.certificate("ca"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots},
	}
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	return &api{client: client, server: c.localURL()}, nil
}

// get reads a path of the API; a nil target only looks at whether it is answered.
func (a *api) get(path string, target any) error {
	response, err := a.client.Get(a.server + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", path, response.Status, failedChecks(string(body)))
	}
	if target == nil {
		return nil
	}
	return json.Unmarshal(body, target)
}

// failedChecks keeps what is not in order of a health report.
func failedChecks(report string) string {
	var failed []string
	for line := range strings.Lines(report) {
		if !strings.HasPrefix(line, "[+]") {
			failed = append(failed, strings.TrimSpace(line))
		}
	}
	return strings.Join(failed, " ")
}

type nodeList struct {
	Items []struct {
		Metadata struct{ Name string }
		Spec     struct{ Taints []struct{ Key string } }
		Status   struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
}

// nodesReady is nil if all nodes of the cluster take pods.
func (c *Cluster) nodesReady(api *api) error {
	var nodes nodeList
	if err := api.get("/api/v1/nodes", &nodes); err != nil {
		return err
	}
	if len(nodes.Items) != c.NodeCount {
		return fmt.Errorf("%d of %d nodes have registered", len(nodes.Items), c.NodeCount)
	}
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == "Ready" && condition.Status != "True" {
				return fmt.Errorf("%s is not ready: %s", node.Metadata.Name, condition.Message)
			}
		}
		for _, taint := range node.Spec.Taints {
			return fmt.Errorf("%s is tainted with %s", node.Metadata.Name, taint.Key)
		}
	}
	return nil
}
