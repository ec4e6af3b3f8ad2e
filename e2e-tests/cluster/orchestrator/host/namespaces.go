package host

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

const namespaceDir = "/var/run/netns"

// IP runs iproute2's ip with one line of arguments, inside the network namespace unless that is "".
func IP(namespace, arguments string) error {
	fields := strings.Fields(arguments)
	if namespace != "" {
		fields = append([]string{"-n", namespace}, fields...)
	}
	return Run("ip", fields...)
}

// AddNamespace creates a named network namespace with its loopback up.
func AddNamespace(name string) error {
	if err := Run("ip", "netns", "add", name); err != nil {
		return err
	}
	return IP(name, "link set lo up")
}

// NamespacesWithPrefix lists the named network namespaces that begin with the prefix.
func NamespacesWithPrefix(prefix string) []string {
	paths, _ := filepath.Glob(filepath.Join(namespaceDir, prefix+"*"))
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	return paths
}

// WriteSysctl sets a network setting ("net/ipv4/ip_forward") inside a network namespace.
func WriteSysctl(namespace, name, value string) error {
	return inNamespace(namespace, func() error {
		return os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0o644)
	})
}

// inNamespace runs the action on a thread of the network namespace.
func inNamespace(name string, action func() error) error {
	result := make(chan error)
	go func() {
		// Never unlocked, so that the thread ends with this goroutine instead of being used again.
		runtime.LockOSThread()
		if err := joinNetworkNamespace(name); err != nil {
			result <- err
			return
		}
		result <- action()
	}()
	return <-result
}

// joinNetworkNamespace moves the calling thread, which the caller has locked, into the namespace.
func joinNetworkNamespace(name string) error {
	file, err := os.Open(filepath.Join(namespaceDir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %s: %w", name, err)
	}
	return nil
}

// LinkExists tells whether the machine's own namespace has the network link.
func LinkExists(name string) bool {
	_, err := os.Stat(filepath.Join("/sys/class/net", name))
	return err == nil
}
