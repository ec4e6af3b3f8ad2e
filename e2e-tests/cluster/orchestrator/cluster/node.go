package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

const (
	containerd = "containerd"
	pauseImage = "megalodon.local/pause:1"
)

// Bounds of the waits; on an idle machine with two cores they end within five seconds.
const (
	runtimeBound = time.Minute
	nodesBound   = 2 * time.Minute
)

// nodeFolders maps the fixed places where a node's programs keep their files to the node's own
// folders, so that nodes do not meet there, nor this machine's own programs.
func nodeFolders(node plan.Node) map[string]string {
	return map[string]string{
		"/run/containerd":     node.RunPath("containerd"),
		"/var/lib/cni":        node.Path("cni"),
		"/var/lib/containerd": node.Path("containerd"),
		"/var/lib/kubelet":    node.Path("kubelet"),
		"/var/log/containers": node.Path("container-logs"),
		"/var/log/pods":       node.Path("pod-logs"),
	}
}

// cniPluginDirs are where distributions install the container network plug-ins.
var cniPluginDirs = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// startContainerd prepares the node's folders and starts its container runtime.
func (c *Cluster) startContainerd(node plan.Node) error {
	if err := os.MkdirAll(node.Path("cni-config"), 0o755); err != nil {
		return err
	}
	if err := c.cgroups.CreateNodeGroup(node.Cgroup()); err != nil {
		return err
	}
	if err := c.cgroups.CreateDaemonGroup(node.DaemonsCgroup()); err != nil {
		return err
	}
	if err := c.writeRuntimeConfiguration(node); err != nil {
		return err
	}
	return c.runOnNode(node, containerd, "containerd", "--config", node.Path("containerd.toml"))
}

func (c *Cluster) writeRuntimeConfiguration(node plan.Node) error {
	plugins, err := findCNIPlugins()
	if err != nil {
		return err
	}
	err = render(node.Path("cni-config", "10-pods.conflist"), "cni.conflist", map[string]any{
		"Name": c.Name(), "PodCIDR": node.PodCIDR(),
	})
	if err != nil {
		return err
	}
	snapshotter, err := host.Snapshotter(c.State)
	if err != nil {
		return err
	}
	return render(node.Path("containerd.toml"), "containerd.toml", map[string]any{
		"PauseImage": pauseImage, "Snapshotter": snapshotter,
		"CNIPlugins": plugins, "CNIConfig": node.Path("cni-config"),
	})
}

func findCNIPlugins() (string, error) {
	for _, folder := range cniPluginDirs {
		if _, err := os.Stat(filepath.Join(folder, "ptp")); err == nil {
			return folder, nil
		}
	}
	return "", fmt.Errorf("no container network plug-ins in any of %v", cniPluginDirs)
}

// awaitContainerd waits until the node's container runtime takes images.
func (c *Cluster) awaitContainerd(ctx context.Context, node plan.Node) error {
	name := nodeProcess(node, containerd)
	return c.await(ctx, node.Name()+"'s containerd", runtimeBound, c.logFile(name), func() error {
		if err := c.running(name); err != nil {
			return err
		}
		return host.Run("ctr", "--address", node.ContainerdSocket(), "--timeout", "2s", "version")
	})
}

// startKubelet starts the node's kubelet and kube-proxy.
func (c *Cluster) startKubelet(node plan.Node) error {
	err := render(node.Path("kubelet.yaml"), "kubelet.yaml", map[string]any{
		"Authority": c.certificate("ca"), "Certificate": c.certificate(node.Name()),
		"Key": c.key(node.Name()), "Cgroup": node.Cgroup(),
		"DNSServiceIP": plan.DNSServiceIP, "ResolvConf": c.Path("resolv.conf"),
	})
	if err != nil {
		return err
	}
	err = c.runOnNode(node, "kubelet", c.program("kubelet"),
		"--config="+node.Path("kubelet.yaml"),
		"--kubeconfig="+c.kubeconfigOf(node.Name()),
		"--hostname-override="+node.Name(),
		"--node-ip="+node.IP(),
	)
	if err != nil {
		return err
	}
	return c.runOnNode(node, "kube-proxy", c.program("kube-proxy"),
		"--kubeconfig="+c.kubeconfigOf("kube-proxy"),
		"--hostname-override="+node.Name(),
		"--proxy-mode=iptables",
		"--cluster-cidr="+c.CIDR(),
		"--oom-score-adj=0",
		// These limits belong to the machine's kernel, not to a namespace.
		"--conntrack-max-per-core=0",
		"--conntrack-tcp-timeout-established=0",
		"--conntrack-tcp-timeout-close-wait=0",
	)
}

// awaitNodes waits until all nodes take pods and know the Services.
func (c *Cluster) awaitNodes(ctx context.Context, api *api) error {
	c.say("waiting for %d nodes to be ready (at most %s)", c.NodeCount, nodesBound)
	logs := c.logFile("node-*-kubelet")
	err := c.await(ctx, fmt.Sprintf("%d nodes to be ready", c.NodeCount), nodesBound, logs,
		func() error {
			for _, node := range c.Nodes() {
				if err := c.running(nodeProcess(node, "kubelet")); err != nil {
					return err
				}
			}
			return c.nodesReady(api)
		})
	if err != nil {
		return err
	}
	for _, node := range c.Nodes() {
		name := nodeProcess(node, "kube-proxy")
		err := c.await(ctx, node.Name()+"'s kube-proxy", nodesBound, c.logFile(name), func() error {
			if err := c.running(name); err != nil {
				return err
			}
			return proxyHealth(node)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func proxyHealth(node plan.Node) error {
	response, err := http.Get(fmt.Sprintf("http://%s:10256/healthz", node.IP()))
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("its health is %s", response.Status)
	}
	return nil
}
