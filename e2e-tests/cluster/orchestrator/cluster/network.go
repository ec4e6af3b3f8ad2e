package cluster

import (
	"fmt"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

const switchBridge = "bridge"

// createNetwork makes the nodes' network namespaces and cables them to a bridge.
//
// The bridge has a namespace of its own because there no firewall rule of the machine (Docker's, for
// one) sees what nodes send to each other. No namespace gets a default route: nothing that runs on a
// node can reach beyond this machine.
func (c *Cluster) createNetwork() error {
	if err := c.createSwitch(); err != nil {
		return err
	}
	for _, node := range c.Nodes() {
		if err := c.createNodeNetwork(node); err != nil {
			return err
		}
	}
	return c.routePods()
}

func (c *Cluster) createSwitch() error {
	if err := host.AddNamespace(c.SwitchNamespace()); err != nil {
		return err
	}
	return inOrder(c.SwitchNamespace(),
		"link add "+switchBridge+" type bridge",
		"link set "+switchBridge+" up",
	).then("",
		fmt.Sprintf("link add %s type veth peer name host netns %s", c.HostLink(), c.SwitchNamespace()),
		fmt.Sprintf("addr add %s/24 dev %s", c.HostIP(), c.HostLink()),
		fmt.Sprintf("link set %s up", c.HostLink()),
	).then(c.SwitchNamespace(),
		"link set host master "+switchBridge+" up",
	).err
}

func (c *Cluster) createNodeNetwork(node plan.Node) error {
	if err := host.AddNamespace(node.Namespace()); err != nil {
		return err
	}
	err := inOrder(c.SwitchNamespace(),
		fmt.Sprintf("link add %s type veth peer name eth0 netns %s", node.SwitchLink(), node.Namespace()),
		fmt.Sprintf("link set %s master %s up", node.SwitchLink(), switchBridge),
	).then(node.Namespace(),
		fmt.Sprintf("addr add %s/24 dev eth0", node.IP()),
		"link set eth0 up",
	).err
	if err != nil {
		return err
	}
	return host.WriteSysctl(node.Namespace(), "net/ipv4/ip_forward", "1")
}

// routePods tells the machine and each node behind which node a pod is.
func (c *Cluster) routePods() error {
	for _, target := range c.Nodes() {
		route := fmt.Sprintf("route add %s via %s", target.PodCIDR(), target.IP())
		if err := host.IP("", route); err != nil {
			return err
		}
		for _, source := range c.Nodes() {
			if source == target {
				continue
			}
			if err := host.IP(source.Namespace(), route); err != nil {
				return err
			}
		}
	}
	return nil
}

// ipCommands runs ip commands until the first failure.
type ipCommands struct{ err error }

func inOrder(namespace string, commands ...string) ipCommands {
	return ipCommands{}.then(namespace, commands...)
}

func (i ipCommands) then(namespace string, commands ...string) ipCommands {
	for _, command := range commands {
		if i.err == nil {
			i.err = host.IP(namespace, command)
		}
	}
	return i
}
