// Package host does to the machine what a cluster needs of it: network namespaces, cgroups, mounts
// and processes. It knows nothing about Kubernetes.
package host

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// commandBound is how long a command may take: loading a large image on a slow disk takes longest.
const commandBound = 15 * time.Minute

// Run runs a command to its end; the error holds what it printed.
func Run(name string, arguments ...string) error {
	_, err := Output(name, arguments...)
	return err
}

// Output runs a command to its end and returns what it printed to its standard output.
func Output(name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandBound)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s",
			name, strings.Join(arguments, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(output), nil
}
