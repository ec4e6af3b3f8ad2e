package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// stopBound is how long ended processes may take to disappear.
const stopBound = 20 * time.Second

// kept are the entries of the state folder that outlive the cluster.
var kept = map[string]bool{"lock": true, "logs": true, "volumes": true}

// Down stops the state folder's cluster and removes all of it from the machine, save its logs and
// volumes. It works on whatever a crash or a reboot left, and on nothing.
func Down(state string) error {
	found, up, err := plan.Find(state)
	if err != nil {
		return err
	}
	if up {
		cluster, err := attach(found, "")
		if err != nil {
			return err
		}
		if err := cluster.remove(); err != nil {
			return err
		}
		if left := cluster.leftovers(); len(left) > 0 {
			return fmt.Errorf("left on this machine after stopping the cluster:\n  %s", strings.Join(left, "\n  "))
		}
		if err := plan.Release(found); err != nil {
			return err
		}
	}
	return removeState(state)
}

// remove undoes what bringing up did, in an order in which nothing starts anything again.
func (c *Cluster) remove() error {
	if err := c.stopProcesses(); err != nil {
		return err
	}
	var failures []error
	for _, namespace := range host.NamespacesWithPrefix(c.Name() + "-") {
		failures = append(failures, host.Run("ip", "netns", "delete", namespace))
	}
	if host.LinkExists(c.HostLink()) {
		failures = append(failures, host.IP("", "link delete "+c.HostLink()))
	}
	failures = append(failures, c.cgroups.Remove(c.Name(), stopBound), host.RemoveAll(c.RunDir()))
	if !plan.OthersUp(c.Cluster) {
		failures = append(failures, host.RestoreKernelSettings(plan.RunRoot))
	}
	return errors.Join(failures...)
}

// stopProcesses ends the recorded processes, then whatever else is in the cluster's cgroup: the
// pods and the containerd shims that hold them.
func (c *Cluster) stopProcesses() error {
	processes, err := host.LoadProcesses(c.processFolder())
	if err != nil {
		fmt.Fprintln(os.Stderr, "some process records cannot be read:", err)
	}
	for _, process := range processes {
		if process == nil {
			continue
		}
		if err := process.Kill(stopBound); err != nil {
			return err
		}
	}
	return c.cgroups.Kill(c.Name(), stopBound)
}

// removeState empties the state folder of what is not kept.
func removeState(state string) error {
	entries, err := os.ReadDir(state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if !kept[entry.Name()] {
			err = errors.Join(err, host.RemoveAll(filepath.Join(state, entry.Name())))
		}
	}
	return err
}

// leftovers describes what of the cluster is still on the machine.
func (c *Cluster) leftovers() []string {
	var left []string
	if pids := c.cgroups.Processes(c.Name()); len(pids) > 0 {
		left = append(left, fmt.Sprintf("processes %v", pids))
	}
	if c.cgroups.Exists(c.Name()) {
		left = append(left, "cgroup "+c.Name())
	}
	for _, namespace := range host.NamespacesWithPrefix(c.Name() + "-") {
		left = append(left, "network namespace "+namespace)
	}
	if host.LinkExists(c.HostLink()) {
		left = append(left, "network link "+c.HostLink())
	}
	if routes, err := host.Output("ip", "route", "show", "root", c.CIDR()); err != nil || routes != "" {
		left = append(left, fmt.Sprintf("routes %s %v", routes, err))
	}
	mounts, err := host.MountsBelow(c.RunDir())
	if err != nil {
		left = append(left, err.Error())
	}
	for _, mount := range mounts {
		left = append(left, "mount "+mount)
	}
	return left
}
