package cluster

import (
	"fmt"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// Faults maps the name of a fault, or of its end, to what brings it about on a node.
var Faults = map[string]func(*Cluster, plan.Node) error{
	"kubelet-stop":  (*Cluster).stopKubelet,
	"kubelet-start": (*Cluster).restartKubelet,
	"network-down":  func(c *Cluster, node plan.Node) error { return c.setCable(node, "down") },
	"network-up":    func(c *Cluster, node plan.Node) error { return c.setCable(node, "up") },
}

// Fault brings a fault about, or ends it, on the named node.
func (c *Cluster) Fault(fault, nodeName string) error {
	apply, known := Faults[fault]
	if !known {
		return fmt.Errorf("no fault %q", fault)
	}
	node, err := c.Node(nodeName)
	if err != nil {
		return err
	}
	return apply(c, node)
}

// stopKubelet kills the node's kubelet: its pods go on, nobody looks after them.
func (c *Cluster) stopKubelet(node plan.Node) error {
	kubelet, err := c.kubelet(node)
	if err != nil {
		return err
	}
	return kubelet.Kill(stopBound)
}

func (c *Cluster) restartKubelet(node plan.Node) error {
	kubelet, err := c.kubelet(node)
	if err != nil || kubelet.Alive() {
		return err
	}
	if err := kubelet.Start(); err != nil {
		return err
	}
	return kubelet.Save(c.processFolder())
}

func (c *Cluster) kubelet(node plan.Node) (*host.Process, error) {
	return host.LoadProcess(c.processFolder(), nodeProcess(node, "kubelet"))
}

// setCable unplugs the node and its pods from everything else, or plugs them in again.
func (c *Cluster) setCable(node plan.Node, state string) error {
	return host.IP(c.SwitchNamespace(), fmt.Sprintf("link set %s %s", node.SwitchLink(), state))
}
