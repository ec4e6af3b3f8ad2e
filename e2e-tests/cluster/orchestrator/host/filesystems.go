package host

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Snapshotter names the containerd snapshotter that works on the folder's file system: overlayfs,
// unless that is an overlay itself (inside a container), where only full copies work.
func Snapshotter(folder string) (string, error) {
	var info unix.Statfs_t
	if err := unix.Statfs(folder, &info); err != nil {
		return "", fmt.Errorf("file system of %s: %w", folder, err)
	}
	if info.Type == unix.OVERLAYFS_SUPER_MAGIC {
		return "native", nil
	}
	return "overlayfs", nil
}
