package cluster

import (
	"errors"
	"fmt"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

var errProcessEnded = errors.New("the process ended")

func (c *Cluster) processFolder() string { return c.Path("processes") }

func (c *Cluster) logFile(process string) string { return c.Path("logs", process+".log") }

// runControlPlane starts a control plane program in the machine's own network namespace.
func (c *Cluster) runControlPlane(name string, command ...string) error {
	return c.run(&host.Process{
		Name: name, Command: command, Placement: host.Placement{Cgroup: c.ControlPlaneCgroup()},
	})
}

// runOnNode starts one of a node's programs in the node's namespaces.
func (c *Cluster) runOnNode(node plan.Node, name string, command ...string) error {
	placement := host.Placement{Cgroup: node.DaemonsCgroup(), NetworkNamespace: node.Namespace()}
	if name == containerd {
		placement.Folders = nodeFolders(node)
	} else {
		runtime, err := host.LoadProcess(c.processFolder(), nodeProcess(node, containerd))
		if err != nil {
			return err
		}
		placement.MountsOf = runtime.PID
	}
	return c.run(&host.Process{Name: nodeProcess(node, name), Command: command, Placement: placement})
}

func (c *Cluster) run(process *host.Process) error {
	process.Log = c.logFile(process.Name)
	if err := process.Start(); err != nil {
		return err
	}
	return process.Save(c.processFolder())
}

func nodeProcess(node plan.Node, name string) string { return node.Name() + "-" + name }

// running is nil if the process is alive.
func (c *Cluster) running(name string) error {
	process, err := host.LoadProcess(c.processFolder(), name)
	if err != nil {
		return err
	}
	if !process.Alive() {
		return fmt.Errorf("%s: %w", name, errProcessEnded)
	}
	return nil
}

// allRunning is nil if every process that was started is alive.
func (c *Cluster) allRunning() error {
	processes, err := host.LoadProcesses(c.processFolder())
	if err != nil {
		return err
	}
	if len(processes) == 0 {
		return errors.New("no process was started")
	}
	for _, process := range processes {
		if !process.Alive() {
			return fmt.Errorf("%s: %w", process.Name, errProcessEnded)
		}
	}
	return nil
}
