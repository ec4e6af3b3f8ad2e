package host

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
)

// mount is a line of mountinfo.
type mount struct {
	point   string
	kind    string
	options string
}

// MountsBelow lists the mount points at and below the folders, the deepest first.
func MountsBelow(folders ...string) ([]string, error) {
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	var below []string
	for _, mount := range mounts {
		for _, folder := range folders {
			if mount.point == folder || strings.HasPrefix(mount.point, folder+"/") {
				below = append(below, mount.point)
			}
		}
	}
	slices.Reverse(below)
	return below, nil
}

// RemoveAll deletes the file or folder with all it holds, unless something is mounted there: through
// a mount it would delete somebody else's files.
func RemoveAll(path string) error {
	mounts, err := MountsBelow(path)
	if err != nil {
		return err
	}
	if len(mounts) > 0 {
		return fmt.Errorf("not deleting %s: still mounted: %v", path, mounts)
	}
	return os.RemoveAll(path)
}

func readMounts() ([]mount, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var mounts []mount
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if mount, ok := parseMount(lines.Text()); ok {
			mounts = append(mounts, mount)
		}
	}
	return mounts, lines.Err()
}

// parseMount reads "36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda rw,errors=continue".
func parseMount(line string) (mount, bool) {
	before, after, found := strings.Cut(line, " - ")
	place, device := strings.Fields(before), strings.Fields(after)
	if !found || len(place) < 5 || len(device) < 3 {
		return mount{}, false
	}
	return mount{point: unescape(place[4]), kind: device[0], options: device[2]}, true
}

var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace
