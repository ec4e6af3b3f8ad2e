// Package plan decides every name, address, port and path of a cluster from one small number, so
// that two checkouts' clusters do not meet and whatever a crash leaves behind can be found again.
package plan

import (
	"fmt"
	"path/filepath"
)

const (
	// MaxInstances is how many clusters may exist on one machine at a time.
	MaxInstances = 16
	// MaxNodes is how many nodes one cluster may have: each takes a /24 of the cluster's /20.
	MaxNodes = 14

	// ServiceCIDR holds the Services' virtual addresses. Only the nodes' own namespaces know it, so
	// every cluster can use the same.
	ServiceCIDR = "10.96.0.0/16"
	// APIServiceIP is the Service kubernetes.default.
	APIServiceIP = "10.96.0.1"
	// DNSServiceIP is the Service kube-dns.
	DNSServiceIP = "10.96.0.10"

	// RunRoot holds claims, sockets and run-time state: short paths, gone after a reboot.
	RunRoot = "/run/megalodon-cluster"

	firstPort        = 26000
	portsPerInstance = 16
)

// Cluster is one cluster's identity.
type Cluster struct {
	// Number is unique among the clusters of this machine.
	Number int `json:"number"`
	// NodeCount is the number of nodes, at least 1.
	NodeCount int `json:"nodes"`
	// State is the absolute path of the folder with everything the cluster writes.
	State string `json:"state"`
}

// Name prefixes or names each thing of this cluster that lives outside its folder: the network
// namespaces, the link to them and the cgroup.
func (c Cluster) Name() string { return fmt.Sprintf("megalodon%d", c.Number) }

// CIDR is the range all addresses of the cluster's machines and pods come from. It is a part of
// 198.18.0.0/15, set aside for benchmarks (RFC 2544) and so used by no company's network.
func (c Cluster) CIDR() string { return fmt.Sprintf("198.18.%d.0/20", c.block()) }

// HostIP is this machine's address on the cluster's network; the control plane listens there.
func (c Cluster) HostIP() string { return fmt.Sprintf("198.18.%d.1", c.block()) }

// HostLink is the machine's network link towards the nodes.
func (c Cluster) HostLink() string { return c.Name() }

// SwitchNamespace holds the bridge that joins the machine and the nodes.
func (c Cluster) SwitchNamespace() string { return c.Name() + "-switch" }

// RunDir is the cluster's folder under RunRoot.
func (c Cluster) RunDir() string { return filepath.Join(RunRoot, c.Name()) }

// ControlPlaneCgroup is where the control plane's processes are, relative to a cgroup hierarchy.
func (c Cluster) ControlPlaneCgroup() string { return filepath.Join(c.Name(), "control-plane") }

// Path joins elements below the state folder.
func (c Cluster) Path(elements ...string) string {
	return filepath.Join(append([]string{c.State}, elements...)...)
}

// Kubeconfig is the administrator's configuration for people, Helm and tests.
func (c Cluster) Kubeconfig() string { return c.Path("kubeconfig") }

// Nodes lists the nodes in order.
func (c Cluster) Nodes() []Node {
	nodes := make([]Node, c.NodeCount)
	for i := range nodes {
		nodes[i] = Node{cluster: c, index: i + 1}
	}
	return nodes
}

// Node finds a node by its name.
func (c Cluster) Node(name string) (Node, error) {
	for _, node := range c.Nodes() {
		if node.Name() == name {
			return node, nil
		}
	}
	return Node{}, fmt.Errorf("no node %q; the nodes are node-1 to node-%d", name, c.NodeCount)
}

// A Port of the control plane on the machine.
type Port int

// The control plane's ports, as offsets from the cluster's first one.
const (
	EtcdClientPort Port = iota
	EtcdPeerPort
	APIServerPort
	ControllerManagerPort
	SchedulerPort
	DNSPort
	DNSReadyPort
	portCount
)

// Port is the number of a control plane port.
func (c Cluster) Port(port Port) int { return firstPort + portsPerInstance*c.Number + int(port) }

// Ports lists every control plane port's number.
func (c Cluster) Ports() []int {
	ports := make([]int, portCount)
	for i := range ports {
		ports[i] = c.Port(Port(i))
	}
	return ports
}

func (c Cluster) block() int { return 16 * c.Number }

// Node is one node's identity.
type Node struct {
	cluster Cluster
	index   int
}

// Name is the node's name in Kubernetes.
func (n Node) Name() string { return fmt.Sprintf("node-%d", n.index) }

// Namespace is the node's network namespace.
func (n Node) Namespace() string { return n.cluster.Name() + "-" + n.Name() }

// SwitchLink is the bridge's end of the node's cable, inside the switch namespace.
func (n Node) SwitchLink() string { return n.Name() }

// SlowLink is the bridge's end of the cable that slows the node down, while one is in between.
func (n Node) SlowLink() string { return n.Name() + "-slow" }

// SlowLinkPeer is that cable's other end, towards the node.
func (n Node) SlowLinkPeer() string { return n.Name() + "-in" }

// IP is the node's address.
func (n Node) IP() string { return fmt.Sprintf("198.18.%d.%d", n.cluster.block(), 10+n.index) }

// PodCIDR is the range of the node's pods.
func (n Node) PodCIDR() string { return fmt.Sprintf("198.18.%d.0/24", n.cluster.block()+n.index) }

// Cgroup is the node's root cgroup, which its kubelet takes for the whole machine's.
func (n Node) Cgroup() string { return filepath.Join(n.cluster.Name(), n.Name()) }

// DaemonsCgroup is where the node's own processes are.
func (n Node) DaemonsCgroup() string { return filepath.Join(n.Cgroup(), "daemons") }

// Path joins elements below the node's folder.
func (n Node) Path(elements ...string) string {
	return n.cluster.Path(append([]string{n.Name()}, elements...)...)
}

// RunPath joins elements below the node's run-time folder.
func (n Node) RunPath(elements ...string) string {
	return filepath.Join(append([]string{n.cluster.RunDir(), n.Name()}, elements...)...)
}

// ContainerdSocket is where the node's containerd is reached from outside the node.
func (n Node) ContainerdSocket() string { return n.RunPath("containerd", "containerd.sock") }
