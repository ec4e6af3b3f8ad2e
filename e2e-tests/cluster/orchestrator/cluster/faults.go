package cluster

import (
	"context"
	"fmt"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

const apiServer = "kube-apiserver"

// fault brings a fault, or its end, about; the arguments are what follows its name.
type fault func(c *Cluster, arguments []string) error

// Faults maps the name of a fault, or of its end, to what brings it about.
var Faults = map[string]fault{
	"kubelet-stop":    onNode((*Cluster).stopKubelet),
	"kubelet-start":   onNode((*Cluster).restartKubelet),
	"network-down":    onNode(func(c *Cluster, node plan.Node) error { return c.setCable(node, "down") }),
	"network-up":      onNode(func(c *Cluster, node plan.Node) error { return c.setCable(node, "up") }),
	"network-slow":    (*Cluster).slowNetwork,
	"network-fast":    onNode((*Cluster).removeSlowCable),
	"apiserver-stop":  onCluster(func(c *Cluster) error { return c.stop(apiServer) }),
	"apiserver-start": onCluster((*Cluster).restartAPIServer),
}

// Fault brings a fault about, or ends it.
func (c *Cluster) Fault(name string, arguments []string) error {
	apply, known := Faults[name]
	if !known {
		return fmt.Errorf("no fault %q", name)
	}
	return apply(c, arguments)
}

func onNode(apply func(*Cluster, plan.Node) error) fault {
	return func(c *Cluster, arguments []string) error {
		if len(arguments) != 1 {
			return fmt.Errorf("this fault takes one argument, the node; got %q", arguments)
		}
		node, err := c.Node(arguments[0])
		if err != nil {
			return err
		}
		return apply(c, node)
	}
}

func onCluster(apply func(*Cluster) error) fault {
	return func(c *Cluster, arguments []string) error {
		if len(arguments) != 0 {
			return fmt.Errorf("this fault takes no arguments; got %q", arguments)
		}
		return apply(c)
	}
}

// stopKubelet kills the node's kubelet: its pods go on, nobody looks after them.
func (c *Cluster) stopKubelet(node plan.Node) error { return c.stop(nodeProcess(node, "kubelet")) }

func (c *Cluster) restartKubelet(node plan.Node) error {
	return c.restart(nodeProcess(node, "kubelet"))
}

// restartAPIServer starts the API server again and waits until it answers.
func (c *Cluster) restartAPIServer() error {
	if err := c.restart(apiServer); err != nil {
		return err
	}
	api, err := c.newAPI()
	if err != nil {
		return err
	}
	return c.awaitAPIServer(context.Background(), api)
}

// stop kills a process of the cluster.
func (c *Cluster) stop(name string) error {
	process, err := host.LoadProcess(c.processFolder(), name)
	if err != nil {
		return err
	}
	return process.Kill(stopBound)
}

// restart starts a process of the cluster again, if it ended, as it was started before.
func (c *Cluster) restart(name string) error {
	process, err := host.LoadProcess(c.processFolder(), name)
	if err != nil || process.Alive() {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	return process.Save(c.processFolder())
}

// setCable unplugs the node and its pods from everything else, or plugs them in again.
func (c *Cluster) setCable(node plan.Node, state string) error {
	return host.IP(c.SwitchNamespace(), fmt.Sprintf("link set %s %s", node.SwitchLink(), state))
}
