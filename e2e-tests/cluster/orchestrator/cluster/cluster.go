// Package cluster brings a real Kubernetes up and down on one machine.
//
// The control plane runs in the machine's own network namespace, each node (containerd, kubelet,
// kube-proxy) in one of its own; a bridge in a further namespace joins them.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// Cluster is a cluster with what is needed to act on it.
type Cluster struct {
	plan.Cluster
	// binaries is the folder with the Kubernetes programs.
	binaries string
	cgroups  host.Cgroups
	started  time.Time
}

// ErrNotUp tells that this checkout has no cluster.
var ErrNotUp = errors.New("no cluster is up for this checkout; start it with `cluster up`")

// Open finds the cluster that is up for the state folder.
func Open(state, binaries string) (*Cluster, error) {
	found, up, err := plan.Find(state)
	if err != nil {
		return nil, err
	}
	if !up {
		return nil, ErrNotUp
	}
	return attach(found, binaries)
}

func attach(planned plan.Cluster, binaries string) (*Cluster, error) {
	cgroups, err := host.DetectCgroups()
	if err != nil {
		return nil, err
	}
	return &Cluster{Cluster: planned, binaries: binaries, cgroups: cgroups, started: time.Now()}, nil
}

// Exec turns this process into a command inside the node's network namespace.
func (c *Cluster) Exec(nodeName string, command []string) error {
	node, err := c.Node(nodeName)
	if err != nil {
		return err
	}
	return host.Placement{NetworkNamespace: node.Namespace()}.Exec(command)
}

func (c *Cluster) kubectl(arguments ...string) *exec.Cmd {
	command := exec.Command(c.program("kubectl"), arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig())
	return command
}

func (c *Cluster) program(name string) string { return c.binaries + "/" + name }

// say reports a phase of bringing the cluster up.
func (c *Cluster) say(format string, arguments ...any) {
	fmt.Printf("[%5.1f s] %s\n", time.Since(c.started).Seconds(), fmt.Sprintf(format, arguments...))
}

// await asks until the answer is no error.
func (c *Cluster) await(ctx context.Context, what string, bound time.Duration, log string,
	probe func() error) error {
	deadline := time.Now().Add(bound)
	for {
		err := probe()
		if err == nil {
			return nil
		}
		if errors.Is(err, errProcessEnded) || time.Now().After(deadline) {
			return fmt.Errorf("waited (at most %s) for %s: %w; read %s", bound, what, err, log)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped while waiting for %s: %w", what, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
