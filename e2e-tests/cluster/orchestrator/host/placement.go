package host

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// EnterCommand is the hidden sub-command by which a process is placed before it becomes the program
// it is to run; its arguments are the placement as JSON and the program's command line.
const EnterCommand = "enter"

// Placement is where on the machine a process runs. Its zero value is where the caller runs.
type Placement struct {
	// Cgroup is the daemon group to join.
	Cgroup string `json:"cgroup,omitempty"`
	// NetworkNamespace is the named network namespace to join.
	NetworkNamespace string `json:"networkNamespace,omitempty"`
	// Folders gives the process a mount namespace of its own, in which each key shows the folder that
	// is its value. What the process mounts is seen nowhere else and goes when the last process of
	// the namespace ends.
	Folders map[string]string `json:"folders,omitempty"`
	// MountsOf is the id of a process whose mount namespace to join.
	MountsOf int `json:"mountsOf,omitempty"`
}

// Command wraps a command line so that running it takes up the placement first.
func (p Placement) Command(command ...string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(p)
	return append([]string{self, EnterCommand, string(content)}, command...), err
}

// Enter takes up the placement, given as JSON, and turns this process into the program.
func Enter(placement string, command []string) error {
	var place Placement
	if err := json.Unmarshal([]byte(placement), &place); err != nil {
		return fmt.Errorf("placement %q: %w", placement, err)
	}
	return place.Exec(command)
}

// Exec takes up the placement and turns this process into the program.
func (p Placement) Exec(command []string) error {
	// Namespaces belong to threads, and the one that calls exec becomes the program.
	runtime.LockOSThread()
	if err := p.takeUp(); err != nil {
		return err
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return unix.Exec(program, command, os.Environ())
}

func (p Placement) takeUp() error {
	if p.Cgroup != "" {
		cgroups, err := DetectCgroups()
		if err != nil {
			return err
		}
		if err := cgroups.JoinCgroup(p.Cgroup); err != nil {
			return err
		}
	}
	if p.NetworkNamespace != "" {
		if err := joinNetworkNamespace(p.NetworkNamespace); err != nil {
			return err
		}
	}
	if p.MountsOf != 0 {
		return joinMountNamespace(p.MountsOf)
	}
	if len(p.Folders) > 0 {
		return createMountNamespace(p.Folders)
	}
	return nil
}

func joinMountNamespace(pid int) error {
	file, err := os.Open(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		return err
	}
	defer file.Close()
	// The kernel refuses threads that share their working directory with others.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("enter the mount namespace of process %d: %w", pid, err)
	}
	return nil
}

func createMountNamespace(folders map[string]string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("create a mount namespace: %w", err)
	}
	// What the machine mounts later appears inside (slave), nothing gets out, and mounts made inside
	// can be passed on to containers (shared).
	for _, propagation := range []uintptr{unix.MS_SLAVE, unix.MS_SHARED} {
		if err := unix.Mount("", "/", "", propagation|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("set the propagation of mounts: %w", err)
		}
	}
	for target, source := range folders {
		for _, folder := range []string{target, source} {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("show %s at %s: %w", source, target, err)
		}
	}
	return nil
}
