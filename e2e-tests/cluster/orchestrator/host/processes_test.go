package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the tests start processes: they re-execute this program to be placed.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == EnterCommand {
		fmt.Fprintln(os.Stderr, Enter(os.Args[2], os.Args[3:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestShouldParseProcessStatus(t *testing.T) {
	stat := "12 (odd) name (x) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 100 200"
	startTime, state, err := parseStat(stat)
	if err != nil || startTime != 987654 || state != 'S' {
		t.Errorf("got %d %c %v", startTime, state, err)
	}
	if _, _, err := parseStat("12 (cut) S 1"); err == nil {
		t.Error("no error for a short line")
	}
}

func TestShouldNotTakeAnotherProcessForARecordedOne(t *testing.T) {
	startTime, _, err := processState(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if same := (&Process{PID: os.Getpid(), StartTime: startTime}); !same.Alive() {
		t.Error("this process is not alive")
	}
	recycled := &Process{PID: os.Getpid(), StartTime: startTime - 1}
	if recycled.Alive() {
		t.Error("a process that began at another time is alive")
	}
	// Would end this test.
	if err := recycled.Kill(time.Second); err != nil {
		t.Error(err)
	}
}

func TestShouldStartPlaceRecordAndKill(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mount namespaces need root")
	}
	folder := t.TempDir()
	shown := filepath.Join(folder, "shown")
	process := start(t, folder, Placement{Folders: map[string]string{"/var/lib/misc": shown}},
		"sh", "-c", "echo here > /var/lib/misc/file; exec sleep 1000")
	waitUntil(t, "the file to be in the folder shown instead", func() bool {
		content, _ := os.ReadFile(filepath.Join(shown, "file"))
		return string(content) == "here\n"
	})
	joined := start(t, folder, Placement{MountsOf: process.PID}, "cat", "/var/lib/misc/file")
	waitUntil(t, "another process to read it there", func() bool {
		content, _ := os.ReadFile(joined.Log)
		return string(content) == "here\n"
	})
	if err := process.Save(folder); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadProcess(folder, process.Name)
	if err != nil || !loaded.Alive() {
		t.Fatalf("the recorded process is not alive: %v", err)
	}
	if err := loaded.Kill(10 * time.Second); err != nil || process.Alive() {
		t.Errorf("alive after kill: %v", err)
	}
}

func TestShouldSayWhyAProcessDidNotStart(t *testing.T) {
	process := start(t, t.TempDir(), Placement{NetworkNamespace: "no-such-namespace"}, "true")
	waitUntil(t, "the reason in the log", func() bool {
		content, _ := os.ReadFile(process.Log)
		return strings.Contains(string(content), "no-such-namespace")
	})
}

func TestCgroupShouldFindAndKillAllItsProcesses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("cgroups need root")
	}
	cgroups, err := DetectCgroups()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("cgroup version %d", cgroups.Version())
	group := fmt.Sprintf("megalodon-test-%d", os.Getpid())
	node, daemons := filepath.Join(group, "node-1"), filepath.Join(group, "node-1", "daemons")
	if err := cgroups.CreateNodeGroup(node); err != nil {
		t.Fatal(err)
	}
	if err := cgroups.CreateDaemonGroup(daemons); err != nil {
		t.Fatal(err)
	}
	process := start(t, t.TempDir(), Placement{Cgroup: daemons}, "sh", "-c", "sleep 1000 & sleep 1000")
	waitUntil(t, "the shell and its child to be in the group", func() bool {
		pids := cgroups.Processes(group)
		return len(pids) >= 2 && slices.Contains(pids, process.PID)
	})
	if err := cgroups.Kill(group, 10*time.Second); err != nil {
		t.Error(err)
	}
	if process.Alive() {
		t.Error("the process is alive after its group was killed")
	}
	if err := cgroups.Remove(group, 10*time.Second); err != nil || cgroups.Exists(group) {
		t.Errorf("the group is still there: %v", err)
	}
}

func TestCgroupShouldPreferVersionTwo(t *testing.T) {
	cgroups, err := detectCgroups([]mount{{point: "/sys/fs/cgroup", kind: "cgroup2"}})
	if err != nil || cgroups.Version() != 2 {
		t.Errorf("got %+v, %v", cgroups, err)
	}
}

func TestCgroupShouldTrackByPidsOnVersionOne(t *testing.T) {
	cgroups, err := detectCgroups([]mount{
		{point: "/sys/fs/cgroup/cpu", kind: "cgroup", options: "rw,cpu"},
		{point: "/sys/fs/cgroup/pids", kind: "cgroup", options: "rw,pids"},
		{point: "/sys/fs/cgroup/unified", kind: "cgroup2", options: "rw"},
		{point: "/elsewhere/memory", kind: "cgroup", options: "rw,memory"},
	})
	if err != nil || cgroups.Version() != 1 || cgroups.tracking != "/sys/fs/cgroup/pids" || len(cgroups.all) != 3 {
		t.Errorf("got %+v, %v", cgroups, err)
	}
}

func TestCgroupShouldSayWhenThereAreNone(t *testing.T) {
	if _, err := detectCgroups(nil); err == nil {
		t.Error("no error")
	}
}

func start(t *testing.T, folder string, placement Placement, command ...string) *Process {
	t.Helper()
	process := &Process{Name: command[0], Command: command, Placement: placement}
	process.Log = filepath.Join(folder, command[0]+".log")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Kill(10 * time.Second) })
	return process
}

func waitUntil(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s for %s", what)
		}
	}
}
