package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// Up brings the state folder's cluster up, unless it already is. Remains of one that is not healthy
// are removed first. When it fails or the context ends, all that it started is stopped again.
func Up(ctx context.Context, state, binaries string, nodes int) error {
	if nodes < 1 || nodes > plan.MaxNodes {
		return fmt.Errorf("--nodes %d: a cluster has 1 to %d nodes", nodes, plan.MaxNodes)
	}
	existing, err := Open(state, binaries)
	switch {
	case err == nil:
		reason := existing.healthy()
		if reason == nil {
			return existing.answerAlreadyUp(nodes)
		}
		fmt.Printf("the cluster is not healthy (%v): starting it anew\n", reason)
	case !errors.Is(err, ErrNotUp):
		return err
	}
	if err := Down(state); err != nil {
		return err
	}
	claimed, err := plan.Claim(state, nodes)
	if err != nil {
		return err
	}
	cluster, err := attach(claimed, binaries)
	if err != nil {
		return errors.Join(err, plan.Release(claimed))
	}
	if err := cluster.bringUp(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stopping what was started; the logs stay in", cluster.Path("logs"))
		return errors.Join(err, Down(state))
	}
	return nil
}

func (c *Cluster) answerAlreadyUp(nodes int) error {
	if nodes != c.NodeCount {
		return fmt.Errorf("a cluster with %d nodes is up, not %d: stop it first with `cluster down`",
			c.NodeCount, nodes)
	}
	fmt.Printf("the cluster is already up; kubeconfig: %s\n", c.Kubeconfig())
	return nil
}

// healthy is nil if the cluster can be used.
func (c *Cluster) healthy() error {
	if err := c.allRunning(); err != nil {
		return err
	}
	api, err := c.newAPI()
	if err != nil {
		return err
	}
	if err := api.get("/readyz", nil); err != nil {
		return err
	}
	return c.nodesReady(api)
}

func (c *Cluster) bringUp(ctx context.Context) error {
	c.say("cluster %s with %d nodes on cgroup v%d, network %s, state in %s",
		c.Name(), c.NodeCount, c.cgroups.Version(), c.CIDR(), c.State)
	for _, phase := range []func(context.Context) error{
		c.prepare, c.startRuntimes, c.startKubernetes,
	} {
		if err := phase(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
	}
	c.say("up; kubeconfig: %s", c.Kubeconfig())
	return nil
}

// prepare makes everything that needs no running process.
func (c *Cluster) prepare(context.Context) error {
	if err := host.RemoveAll(c.Path("logs")); err != nil {
		return err
	}
	for _, folder := range []string{"logs", "pki", "processes", "volumes"} {
		if err := os.MkdirAll(c.Path(folder), 0o755); err != nil {
			return err
		}
	}
	// World-writable: pods write there under whatever user they run as.
	if err := os.Chmod(c.Path("volumes"), 0o777); err != nil {
		return err
	}
	// Empty: pods know only the cluster's name server.
	if err := os.WriteFile(c.Path("resolv.conf"), nil, 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(c.RunDir(), 0o755); err != nil {
		return err
	}
	if !plan.OthersUp(c.Cluster) {
		if err := host.SaveKernelSettings(plan.RunRoot); err != nil {
			return err
		}
	}
	if err := c.writeCredentials(); err != nil {
		return err
	}
	if err := c.cgroups.CreateDaemonGroup(c.ControlPlaneCgroup()); err != nil {
		return err
	}
	return c.createNetwork()
}

// startRuntimes starts what does not need each other: the API server and the nodes' containerds.
func (c *Cluster) startRuntimes(ctx context.Context) error {
	if err := c.startStore(); err != nil {
		return err
	}
	for _, node := range c.Nodes() {
		if err := c.startContainerd(node); err != nil {
			return err
		}
	}
	pause, err := c.writePauseImage()
	if err != nil {
		return err
	}
	c.say("waiting for %d containerds to take the pause image (at most %s)", c.NodeCount, runtimeBound)
	return c.onEveryNode(func(node plan.Node) error {
		if err := c.awaitContainerd(ctx, node); err != nil {
			return err
		}
		return loadImage(node, pause)
	})
}

// startKubernetes starts all that talks to the API server, once it answers.
func (c *Cluster) startKubernetes(ctx context.Context) error {
	api, err := c.newAPI()
	if err != nil {
		return err
	}
	if err := c.awaitAPIServer(ctx, api); err != nil {
		return err
	}
	if err := c.createBootstrapObjects(); err != nil {
		return err
	}
	if err := c.startControllers(); err != nil {
		return err
	}
	for _, node := range c.Nodes() {
		if err := c.startKubelet(node); err != nil {
			return err
		}
	}
	if err := c.awaitControllers(ctx, api); err != nil {
		return err
	}
	return c.awaitNodes(ctx, api)
}
