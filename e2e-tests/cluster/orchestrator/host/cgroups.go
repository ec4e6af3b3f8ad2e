package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// Cgroups is the machine's cgroup file systems.
//
// On version 2 there is one hierarchy. On version 1 each controller has its own; a pod has a group
// in all of them, the cluster's daemons only in that of "pids", which serves to find them.
type Cgroups struct {
	unified  bool
	tracking string   // the hierarchy that every process of a cluster can be found in
	all      []string // every hierarchy's mount point
}

// DetectCgroups finds out which version the machine runs and where it is mounted.
func DetectCgroups() (Cgroups, error) {
	mounts, err := readMounts()
	if err != nil {
		return Cgroups{}, err
	}
	return detectCgroups(mounts)
}

func detectCgroups(mounts []mount) (Cgroups, error) {
	var result Cgroups
	for _, mount := range mounts {
		switch {
		case mount.kind == "cgroup2" && mount.point == cgroupRoot:
			return Cgroups{unified: true, tracking: mount.point, all: []string{mount.point}}, nil
		case mount.kind == "cgroup2" || mount.kind == "cgroup":
			if filepath.Dir(mount.point) != cgroupRoot {
				continue
			}
			result.all = append(result.all, mount.point)
			if slices.Contains(strings.Split(mount.options, ","), "pids") {
				result.tracking = mount.point
			}
		}
	}
	if result.tracking == "" {
		return Cgroups{}, errors.New("no cgroup hierarchy with the pids controller below " + cgroupRoot +
			"; the kubelet needs cgroups mounted there")
	}
	return result, nil
}

// Version is 1 or 2.
func (c Cgroups) Version() int {
	if c.unified {
		return 2
	}
	return 1
}

// CreateDaemonGroup makes a group for processes that this program starts.
func (c Cgroups) CreateDaemonGroup(group string) error {
	return os.MkdirAll(c.trackingPath(group), 0o755)
}

// CreateNodeGroup makes a group that a kubelet can take for the root of all, with every controller.
func (c Cgroups) CreateNodeGroup(group string) error {
	if c.unified {
		return c.createUnified(group)
	}
	for _, hierarchy := range c.all {
		if err := os.MkdirAll(filepath.Join(hierarchy, group), 0o755); err != nil {
			return err
		}
	}
	return c.fillCpusets(group)
}

// createUnified makes each level of the group and hands it the controllers of the level above.
func (c Cgroups) createUnified(group string) error {
	level := c.tracking
	for _, name := range append(strings.Split(group, "/"), "") {
		if err := enableControllers(level); err != nil {
			return err
		}
		level = filepath.Join(level, name)
		if err := os.MkdirAll(level, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func enableControllers(group string) error {
	available, err := os.ReadFile(filepath.Join(group, "cgroup.controllers"))
	if err != nil {
		return err
	}
	control := filepath.Join(group, "cgroup.subtree_control")
	enabled, err := os.ReadFile(control)
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(available)) {
		wanted := slices.Contains([]string{"cpu", "cpuset", "hugetlb", "io", "memory", "pids"}, controller)
		if !wanted || slices.Contains(strings.Fields(string(enabled)), controller) {
			continue
		}
		err := os.WriteFile(control, []byte("+"+controller), 0o644)
		if errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("%s holds processes, so the kernel (cgroup v2) does not let it have children "+
				"with the %s controller; this happens inside a container. Move them first: mkdir %s/init && "+
				"for p in $(cat %s/cgroup.procs); do echo $p > %s/init/cgroup.procs; done",
				group, controller, group, group, group)
		}
		if err != nil {
			return fmt.Errorf("enable the %s controller in %s: %w", controller, group, err)
		}
	}
	return nil
}

// fillCpusets gives each level of a version 1 group the processors and memory nodes of the level
// above; no process can join a group without.
func (c Cgroups) fillCpusets(group string) error {
	level := filepath.Join(cgroupRoot, "cpuset")
	for name := range strings.SplitSeq(group, "/") {
		parent := level
		level = filepath.Join(level, name)
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			content, err := os.ReadFile(filepath.Join(parent, file))
			if err == nil {
				err = os.WriteFile(filepath.Join(level, file), content, 0o644)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// JoinCgroup moves the calling process into the daemon group.
func (c Cgroups) JoinCgroup(group string) error {
	return os.WriteFile(filepath.Join(c.trackingPath(group), "cgroup.procs"), []byte("0"), 0o644)
}

// Processes lists the ids of every process in the group and the groups below it.
func (c Cgroups) Processes(group string) []int {
	var pids []int
	for _, folder := range c.folders(group) {
		content, _ := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
		for field := range strings.FieldsSeq(string(content)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

// Kill ends every process in the group and below, waiting at most the given time for them to go.
func (c Cgroups) Kill(group string, bound time.Duration) error {
	for deadline := time.Now().Add(bound); ; time.Sleep(20 * time.Millisecond) {
		pids := c.Processes(group)
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s for the processes of cgroup %s to end; left: %v", bound, group, pids)
		}
		for _, pid := range pids {
			c.killMember(group, pid)
		}
	}
}

// killMember ends the process if it is (still) a member of the group: holding it by a descriptor
// while looking rules out that the id was given to another process in between.
func (c Cgroups) killMember(group string, pid int) {
	descriptor, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return
	}
	defer unix.Close(descriptor)
	membership, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err == nil && strings.Contains(string(membership), "/"+group+"/") {
		_ = unix.PidfdSendSignal(descriptor, unix.SIGKILL, nil, 0)
	}
}

// Remove deletes the group and all below it in every hierarchy, waiting a moment for the kernel to
// notice that they are empty.
func (c Cgroups) Remove(group string, bound time.Duration) error {
	for deadline := time.Now().Add(bound); ; time.Sleep(20 * time.Millisecond) {
		var failure error
		folders := c.folders(group)
		slices.Reverse(folders)
		for _, folder := range folders {
			if err := unix.Rmdir(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failure = fmt.Errorf("remove cgroup %s: %w", folder, err)
			}
		}
		if failure == nil || time.Now().After(deadline) {
			return failure
		}
	}
}

// Folders lists what exists of the group in all hierarchies, parents first.
func (c Cgroups) folders(group string) []string {
	var folders []string
	for _, hierarchy := range c.all {
		_ = filepath.WalkDir(filepath.Join(hierarchy, group), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				folders = append(folders, path)
			}
			return nil
		})
	}
	return folders
}

// Exists tells whether any hierarchy has the group.
func (c Cgroups) Exists(group string) bool { return len(c.folders(group)) > 0 }

func (c Cgroups) trackingPath(group string) string { return filepath.Join(c.tracking, group) }
