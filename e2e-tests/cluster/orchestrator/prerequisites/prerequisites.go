// Package prerequisites finds out which programs the machine lacks, and installs them on Debian.
package prerequisites

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// requirements maps a Debian package to what shows that it, or another distribution's equivalent,
// is installed: one of these programs or files.
var requirements = map[string][]string{
	"conntrack":                   {"conntrack"},
	"containerd":                  {"containerd"},
	"containernetworking-plugins": {"/usr/lib/cni/ptp", "/opt/cni/bin/ptp", "/usr/libexec/cni/ptp"},
	"iproute2":                    {"ip"},
	"iptables":                    {"iptables"},
	"runc":                        {"runc"},
}

// Ensure installs what is missing, or explains what a person has to install.
func Ensure() error {
	missing := missingPackages()
	if len(missing) == 0 {
		return nil
	}
	list := strings.Join(missing, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("this machine lacks what these Debian packages contain; install it: %s", list)
	}
	fmt.Printf("installing Debian packages that this machine lacks: %s\n", list)
	return install(missing)
}

func missingPackages() []string {
	var missing []string
	for name, signs := range requirements {
		if !slices.ContainsFunc(signs, func(sign string) bool {
			_, err := exec.LookPath(sign)
			return err == nil
		}) {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}

func install(packages []string) error {
	arguments := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	if aptGet(arguments...) != nil {
		// The package lists may be absent or out of date.
		if output, err := aptGetOutput("update"); err != nil {
			return fmt.Errorf("apt-get update: %w\n%s", err, output)
		}
		if output, err := aptGetOutput(arguments...); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(arguments, " "), err, output)
		}
	}
	if slices.Contains(packages, "containerd") {
		stopContainerdService()
	}
	if missing := missingPackages(); len(missing) > 0 {
		return fmt.Errorf("still missing after the installation: %s", strings.Join(missing, " "))
	}
	return nil
}

func aptGet(arguments ...string) error {
	_, err := aptGetOutput(arguments...)
	return err
}

func aptGetOutput(arguments ...string) ([]byte, error) {
	command := exec.Command("apt-get", arguments...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return command.CombinedOutput()
}

// stopContainerdService stops the service that the package just started; each node runs a containerd
// of its own.
func stopContainerdService() {
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		_ = exec.Command("systemctl", "disable", "--now", "containerd").Run()
	}
}
