package host

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestShouldParseMounts(t *testing.T) {
	line := `36 35 98:0 /root /with\040space rw,noatime shared:1 master:2 - cgroup cgroup rw,cpu,pids`
	got, ok := parseMount(line)
	if want := (mount{point: "/with space", kind: "cgroup", options: "rw,cpu,pids"}); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestShouldIgnoreMalformedMounts(t *testing.T) {
	for _, line := range []string{"", "36 35 98:0 /root /point rw", "36 35 - ext4"} {
		if got, ok := parseMount(line); ok {
			t.Errorf("%q became %+v", line, got)
		}
	}
}

func TestShouldNotDeleteThroughAMount(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	folder := t.TempDir()
	mounted := filepath.Join(folder, "mounted")
	if err := os.Mkdir(mounted, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", mounted, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(mounted, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := RemoveAll(folder); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
	if err := unix.Unmount(mounted, 0); err != nil {
		t.Fatal(err)
	}
	if err := RemoveAll(folder); err != nil {
		t.Error(err)
	}
}
