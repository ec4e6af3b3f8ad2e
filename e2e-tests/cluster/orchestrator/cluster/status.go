package cluster

import (
	"fmt"
	"os"
	"text/tabwriter"

	"dev.megalodon/e2e/cluster/orchestrator/host"
)

// Status prints the cluster's processes and says what, if anything, is wrong with it.
func (c *Cluster) Status() error {
	processes, err := host.LoadProcesses(c.processFolder())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROCESS\tPID\tSTATE\tLOG")
	for _, process := range processes {
		state := "running"
		if !process.Alive() {
			state = "ended"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", process.Name, process.PID, state, process.Log)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Printf("\n%s, network %s, kubeconfig %s\n", c.Name(), c.CIDR(), c.Kubeconfig())
	if err := c.healthy(); err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	fmt.Printf("healthy: %d nodes are ready\n", c.NodeCount)
	return nil
}
