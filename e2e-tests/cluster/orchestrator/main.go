// Command orchestrator brings the embedded Kubernetes cluster up and down; the script `cluster`
// builds and calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"dev.megalodon/e2e/cluster/orchestrator/cluster"
	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/image"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
	"dev.megalodon/e2e/cluster/orchestrator/prerequisites"
)

var errUsage = errors.New("wrong arguments; see `cluster help`")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// run executes one command. The script passes the state folder and the programs' folder by the
// environment.
func run(arguments []string) error {
	if len(arguments) == 0 {
		return errUsage
	}
	verb, arguments := arguments[0], arguments[1:]
	switch verb {
	case host.EnterCommand:
		return host.Enter(arguments[0], arguments[1:])
	case cluster.ForwardCommand:
		return cluster.Forward(arguments[0], arguments[1])
	case cluster.SlowCableCommand:
		return cluster.RunSlowCable(arguments)
	case "prerequisites":
		return prerequisites.Ensure()
	case "make-image":
		if len(arguments) != 3 {
			return errUsage
		}
		return image.Write(arguments[0], arguments[1], arguments[2])
	}
	state, binaries := os.Getenv("CLUSTER_STATE"), os.Getenv("CLUSTER_BIN")
	switch verb {
	case "up":
		return up(state, binaries, arguments)
	case "down":
		return down(state, arguments)
	}
	opened, err := cluster.Open(state, binaries)
	if err != nil {
		return err
	}
	switch {
	case verb == "status" && len(arguments) == 0:
		return opened.Status()
	case verb == "load" && len(arguments) > 0:
		return opened.LoadImages(arguments)
	case verb == "node-exec" && len(arguments) > 1:
		return opened.Exec(arguments[0], arguments[1:])
	case verb == "fault" && len(arguments) > 0:
		return opened.Fault(arguments[0], arguments[1:])
	}
	return errUsage
}

func up(state, binaries string, arguments []string) error {
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	nodes := flags.Int("nodes", 3, "number of nodes")
	if err := flags.Parse(arguments); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	unlock, err := plan.Lock(filepath.Join(state, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	return cluster.Up(ctx, state, binaries, *nodes)
}

func down(state string, arguments []string) error {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	volumes := flags.Bool("volumes", false, "delete the volumes too")
	all := flags.Bool("all", false, "stop the clusters of all checkouts on this machine")
	if err := flags.Parse(arguments); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	unlock, err := plan.Lock(filepath.Join(state, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	// An interrupt must not leave half of the cluster behind.
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	if *all {
		if err := downAll(); err != nil {
			return err
		}
	}
	if err := cluster.Down(state); err != nil {
		return err
	}
	if *volumes {
		return host.RemoveAll(filepath.Join(state, "volumes"))
	}
	return nil
}

// downAll also finds clusters whose checkouts were deleted while they were up.
func downAll() error {
	clusters, err := plan.All()
	for _, found := range clusters {
		fmt.Println("stopping the cluster of", found.State)
		err = errors.Join(err, cluster.Down(found.State))
	}
	return err
}
