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

const pauseImage = "megalodon.local/pause:1"

// cniPluginDirs are where distributions install the container network plug-ins.
var cniPluginDirs = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// startContainerd prepares the node's folders and starts its container runtime.
func (c *Cluster) startContainerd(node plan.Node) error {
	for _, folder := range []string{node.Path("cni"), node.RunPath()} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
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
	return c.runOnNode(node, "containerd", "containerd", "--config", node.Path("containerd.toml"))
}

func (c *Cluster) writeRuntimeConfiguration(node plan.Node) error {
	plugins, err := findCNIPlugins()
	if err != nil {
		return err
	}
	err = render(node.Path("cni", "10-pods.conflist"), "cni.conflist", map[string]any{
		"Name": c.Name(), "Addresses": node.Path("pod-addresses"), "PodCIDR": node.PodCIDR(),
	})
	if err != nil {
		return err
	}
	return render(node.Path("containerd.toml"), "containerd.toml", map[string]any{
		"Root": node.Path("containerd"), "State": node.RunPath("containerd"),
		"Opt": node.Path("containerd-opt"), "Socket": node.ContainerdSocket(),
		"RuncRoot": node.RunPath("runc"), "CNIPlugins": plugins, "CNIConfig": node.Path("cni"),
		"PauseImage": pauseImage,
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
	name := nodeProcess(node, "containerd")
	return c.await(ctx, node.Name()+"'s containerd", time.Minute, c.logFile(name), func() error {
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
		"Key": c.key(node.Name()), "ContainerdSocket": node.ContainerdSocket(),
		"Cgroup": node.Cgroup(), "DNSServiceIP": plan.DNSServiceIP, "ResolvConf": c.Path("resolv.conf"),
		"PodLogs": node.Path("pod-logs"), "VolumePlugins": c.Path("volume-plugins"),
	})
	if err != nil {
		return err
	}
	err = c.runOnNode(node, "kubelet", c.program("kubelet"),
		"--config="+node.Path("kubelet.yaml"),
		"--kubeconfig="+c.kubeconfigOf(node.Name()),
		"--hostname-override="+node.Name(),
		"--node-ip="+node.IP(),
		"--root-dir="+node.Path("kubelet"),
		"--cert-dir="+node.Path("kubelet", "pki"),
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
	logs := c.logFile("node-*-kubelet")
	err := c.await(ctx, fmt.Sprintf("%d nodes to be ready", c.NodeCount), 2*time.Minute, logs,
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
		err := c.await(ctx, node.Name()+"'s kube-proxy", time.Minute, c.logFile(name), func() error {
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
