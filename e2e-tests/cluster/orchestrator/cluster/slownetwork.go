package cluster

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/cable"
	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// SlowCableCommand is the hidden sub-command that is the slow cable of a node; it runs in the
// namespace of the switch. Its arguments are two links, the delay and the share of frames to lose.
const SlowCableCommand = "slow-cable"

const (
	slowCable    = "slow-cable"
	cableBound   = 10 * time.Second
	usualDelay   = "200ms"
	usualLoss    = "0.05"
	longestDelay = 10 * time.Second
)

// slowNetwork puts a cable between a node and the switch that delays every frame, in both
// directions, and loses some. The kernel's netem would do so too, but many kernels come without it,
// and what this one loses follows from a fixed seed.
func (c *Cluster) slowNetwork(arguments []string) error {
	if len(arguments) == 1 {
		arguments = append(arguments, usualDelay, usualLoss)
	}
	if len(arguments) != 3 {
		return fmt.Errorf("network-slow takes NODE or NODE DELAY LOSS, such as node-1 %s %s; got %q",
			usualDelay, usualLoss, arguments)
	}
	node, err := c.Node(arguments[0])
	if err != nil {
		return err
	}
	if _, err := parseConditions(arguments[1], arguments[2]); err != nil {
		return err
	}
	if err := c.insertSlowCable(node, arguments[1], arguments[2]); err != nil {
		return errors.Join(err, c.removeSlowCable(node))
	}
	return nil
}

// insertSlowCable takes the node's link off the bridge before anything else is plugged in: a node
// with two ways to the bridge would be a loop.
func (c *Cluster) insertSlowCable(node plan.Node, delay, loss string) error {
	if err := c.running(nodeProcess(node, slowCable)); err == nil {
		return fmt.Errorf("%s has a slow cable already", node.Name())
	}
	err := inOrder(c.SwitchNamespace(),
		fmt.Sprintf("link add %s type veth peer name %s", node.SlowLink(), node.SlowLinkPeer()),
		fmt.Sprintf("link set %s up", node.SlowLinkPeer()),
		fmt.Sprintf("link set %s nomaster", node.SwitchLink()),
		fmt.Sprintf("link set %s master %s up", node.SlowLink(), switchBridge),
	).err
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return c.run(&host.Process{
		Name:      nodeProcess(node, slowCable),
		Command:   []string{self, SlowCableCommand, node.SwitchLink(), node.SlowLinkPeer(), delay, loss},
		Placement: host.Placement{Cgroup: c.ControlPlaneCgroup(), NetworkNamespace: c.SwitchNamespace()},
	})
}

// removeSlowCable plugs the node into the bridge directly; it finds its way from any state.
func (c *Cluster) removeSlowCable(node plan.Node) error {
	process, err := host.LoadProcess(c.processFolder(), nodeProcess(node, slowCable))
	if err == nil {
		err = errors.Join(process.Kill(cableBound), process.Forget(c.processFolder()))
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	// Its other end goes with it. There is none if the cable was never in.
	_ = host.IP(c.SwitchNamespace(), "link delete "+node.SlowLink())
	return errors.Join(err, host.IP(c.SwitchNamespace(),
		fmt.Sprintf("link set %s master %s", node.SwitchLink(), switchBridge)))
}

// RunSlowCable is the cable's process.
func RunSlowCable(arguments []string) error {
	if len(arguments) != 4 {
		return fmt.Errorf("want two links, a delay and a loss; got %q", arguments)
	}
	conditions, err := parseConditions(arguments[2], arguments[3])
	if err != nil {
		return err
	}
	return cable.Join(arguments[0], arguments[1], conditions)
}

func parseConditions(delay, loss string) (cable.Conditions, error) {
	parsed, err := time.ParseDuration(delay)
	if err != nil || parsed < 0 || parsed > longestDelay {
		return cable.Conditions{}, fmt.Errorf("delay %q: want a time from 0s to %s", delay, longestDelay)
	}
	share, err := strconv.ParseFloat(loss, 64)
	if err != nil || !(share >= 0 && share <= 1) {
		return cable.Conditions{}, fmt.Errorf("loss %q: want a share from 0 to 1", loss)
	}
	return cable.Conditions{Delay: parsed, Loss: share, Seed: 1}, nil
}
