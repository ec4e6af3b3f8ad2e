package cluster

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/template"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// Bounds of the waits; on an idle machine with two cores they end within five seconds.
const (
	apiServerBound   = 2 * time.Minute
	controllersBound = time.Minute
)

// frontProxyUser is who the API server is to API servers that it passes requests on to.
const frontProxyUser = "front-proxy-client"

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*"))

// render writes a template's text to the file.
func render(path, name string, data any) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return templates.ExecuteTemplate(file, name, data)
}

// startStore starts etcd and the API server, and what lets people reach it on the loopback.
func (c *Cluster) startStore() error {
	if err := c.startEtcd(); err != nil {
		return err
	}
	if err := c.startAPIServer(); err != nil {
		return err
	}
	return c.startForwarder()
}

func (c *Cluster) startEtcd() error {
	client := fmt.Sprintf("https://127.0.0.1:%d", c.Port(plan.EtcdClientPort))
	peer := fmt.Sprintf("https://127.0.0.1:%d", c.Port(plan.EtcdPeerPort))
	return c.runControlPlane("etcd", c.program("etcd"),
		"--name=etcd",
		"--data-dir="+c.Path("etcd"),
		"--unsafe-no-fsync", // the data need not outlive the machine
		"--log-level=warn",
		"--listen-client-urls="+client,
		"--advertise-client-urls="+client,
		"--client-cert-auth",
		"--trusted-ca-file="+c.certificate("ca"),
		"--cert-file="+c.certificate("etcd"),
		"--key-file="+c.key("etcd"),
		"--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer,
		"--initial-cluster=etcd="+peer,
		"--peer-client-cert-auth",
		"--peer-trusted-ca-file="+c.certificate("ca"),
		"--peer-cert-file="+c.certificate("etcd"),
		"--peer-key-file="+c.key("etcd"),
	)
}

func (c *Cluster) startAPIServer() error {
	return c.runControlPlane("kube-apiserver", c.program("kube-apiserver"),
		"--bind-address="+c.HostIP(),
		"--advertise-address="+c.HostIP(),
		fmt.Sprintf("--secure-port=%d", c.Port(plan.APIServerPort)),
		"--cert-dir="+c.Path("pki"),
		"--tls-cert-file="+c.certificate("kube-apiserver"),
		"--tls-private-key-file="+c.key("kube-apiserver"),
		"--client-ca-file="+c.certificate("ca"),
		fmt.Sprintf("--etcd-servers=https://127.0.0.1:%d", c.Port(plan.EtcdClientPort)),
		"--etcd-cafile="+c.certificate("ca"),
		"--etcd-certfile="+c.certificate("kube-apiserver-etcd"),
		"--etcd-keyfile="+c.key("kube-apiserver-etcd"),
		"--kubelet-certificate-authority="+c.certificate("ca"),
		"--kubelet-client-certificate="+c.certificate("kube-apiserver-kubelet"),
		"--kubelet-client-key="+c.key("kube-apiserver-kubelet"),
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file="+c.Path("pki", "service-account.pub"),
		"--service-account-signing-key-file="+c.key("service-account"),
		"--service-cluster-ip-range="+plan.ServiceCIDR,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		// API servers beside this one (such as Kueue's) learn from it who asks.
		"--requestheader-client-ca-file="+c.certificate("ca"),
		"--requestheader-allowed-names="+frontProxyUser,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file="+c.certificate("front-proxy"),
		"--proxy-client-key-file="+c.key("front-proxy"),
		// Webhooks are called at their pods' addresses: this machine has no route to Services.
		"--enable-aggregator-routing=true",
	)
}

// startForwarder makes the API server reachable on the loopback, where a call fails at once while
// the cluster is down instead of leaving the machine by its default route.
func (c *Cluster) startForwarder() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return c.runControlPlane("api-forwarder", self, ForwardCommand,
		strings.TrimPrefix(c.localURL(), "https://"), strings.TrimPrefix(c.networkURL(), "https://"))
}

func (c *Cluster) awaitAPIServer(ctx context.Context, api *api) error {
	c.say("waiting for the API server to be ready (at most %s)", apiServerBound)
	log := c.logFile("kube-apiserver") + " and " + c.logFile("etcd")
	return c.await(ctx, "the API server to be ready", apiServerBound, log, func() error {
		for _, process := range []string{"etcd", "kube-apiserver", "api-forwarder"} {
			if err := c.running(process); err != nil {
				return err
			}
		}
		return api.get("/readyz", nil)
	})
}

// startControllers starts the control plane programs that work through the API server.
func (c *Cluster) startControllers() error {
	err := c.runControlPlane("kube-controller-manager", c.program("kube-controller-manager"),
		"--kubeconfig="+c.kubeconfigOf("kube-controller-manager"),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.Port(plan.ControllerManagerPort)),
		"--cert-dir="+c.Path("pki"),
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+c.key("service-account"),
		"--root-ca-file="+c.certificate("ca"),
		"--cluster-signing-cert-file="+c.certificate("ca"),
		"--cluster-signing-key-file="+c.key("ca"),
		"--flex-volume-plugin-dir="+c.Path("volume-plugins"),
		// Its many controllers start within the default rate limit only after several seconds.
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--node-monitor-period=2s",
		"--node-monitor-grace-period=20s",
	)
	if err != nil {
		return err
	}
	err = c.runControlPlane("kube-scheduler", c.program("kube-scheduler"),
		"--kubeconfig="+c.kubeconfigOf("kube-scheduler"),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.Port(plan.SchedulerPort)),
		"--cert-dir="+c.Path("pki"),
		"--leader-elect=false",
	)
	if err != nil {
		return err
	}
	return c.startDNS()
}

// startDNS starts CoreDNS outside the cluster; the bootstrap objects publish it as Service kube-dns.
func (c *Cluster) startDNS() error {
	err := render(c.Path("Corefile"), "Corefile", map[string]any{
		"IP": c.HostIP(), "Port": c.Port(plan.DNSPort), "ReadyPort": c.Port(plan.DNSReadyPort),
		"Kubeconfig": c.kubeconfigOf("coredns"),
	})
	if err != nil {
		return err
	}
	return c.runControlPlane("coredns", c.program("coredns"), "-conf", c.Path("Corefile"))
}

// createBootstrapObjects gives the cluster's own parts their permissions and Services.
func (c *Cluster) createBootstrapObjects() error {
	const manifest = "bootstrap.yaml"
	err := render(c.Path(manifest), manifest, map[string]any{
		"DNSServiceIP": plan.DNSServiceIP, "IP": c.HostIP(), "Port": c.Port(plan.DNSPort),
	})
	if err != nil {
		return err
	}
	command := c.kubectl("create", "--validate=false", "-f", manifest)
	command.Dir = c.State // kubectl would take a path with a comma for two
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("create the objects of %s: %w: %s", c.Path(manifest), err, output)
	}
	return nil
}

// awaitControllers waits for what pods need besides nodes: names, and the default service account.
func (c *Cluster) awaitControllers(ctx context.Context, api *api) error {
	c.say("waiting for CoreDNS and the default service account (at most %s each)", controllersBound)
	err := c.await(ctx, "CoreDNS to know the cluster's Services", controllersBound, c.logFile("coredns"),
		func() error {
			if err := c.running("coredns"); err != nil {
				return err
			}
			response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/ready", c.Port(plan.DNSReadyPort)))
			if err != nil {
				return err
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("it answers %s", response.Status)
			}
			return nil
		})
	if err != nil {
		return err
	}
	return c.await(ctx, "the default service account", controllersBound, c.logFile("kube-controller-manager"),
		func() error {
			if err := c.running("kube-controller-manager"); err != nil {
				return err
			}
			return api.get("/api/v1/namespaces/default/serviceaccounts/default", nil)
		})
}
