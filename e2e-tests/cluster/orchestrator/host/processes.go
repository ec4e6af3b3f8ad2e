package host

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process is a long-running program of the cluster, as written to its record.
type Process struct {
	// Name identifies the process within its cluster.
	Name string `json:"name"`
	// Command is the program's path and arguments.
	Command []string `json:"command"`
	// Placement is where it runs.
	Placement Placement `json:"placement"`
	// Log is the file that receives what it prints.
	Log string `json:"log"`
	// PID is its process id, and StartTime when that began (clock ticks since boot): together they
	// never mean another process, even after the id was used again.
	PID       int    `json:"pid"`
	StartTime uint64 `json:"startTime"`
}

// environment is all that the cluster's programs see of the caller's: proxies or Kubernetes settings
// of the caller's shell must not reach them.
var environment = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
}

// Start starts the process in a session of its own and fills in its identity.
func (p *Process) Start() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	line, err := p.Placement.Command(p.Command...)
	if err != nil {
		return err
	}
	command := exec.Command(line[0], line[1:]...)
	command.Env = environment
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.PID = command.Process.Pid
	p.StartTime, _, err = processState(p.PID)
	// Reaps the child if it dies while this program runs; afterwards init does.
	go func() { _ = command.Wait() }()
	return err
}

// Alive tells whether the process still runs.
func (p *Process) Alive() bool {
	startTime, state, err := processState(p.PID)
	return err == nil && startTime == p.StartTime && state != 'Z' && state != 'X'
}

// Kill ends the process and waits until it is gone.
func (p *Process) Kill(bound time.Duration) error {
	descriptor, err := unix.PidfdOpen(p.PID, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(descriptor)
	for deadline := time.Now().Add(bound); p.Alive(); time.Sleep(10 * time.Millisecond) {
		_ = unix.PidfdSendSignal(descriptor, unix.SIGKILL, nil, 0)
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s for %s (process %d) to end", bound, p.Name, p.PID)
		}
	}
	return nil
}

// processState reads when a process began and the letter of its state from /proc/PID/stat, where
// the program's name in parentheses may hold anything.
func processState(pid int) (startTime uint64, state byte, err error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	return parseStat(string(content))
}

func parseStat(stat string) (startTime uint64, state byte, err error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const stateField, startTimeField = 0, 19
	if len(fields) <= startTimeField {
		return 0, 0, fmt.Errorf("unexpected process status %q", stat)
	}
	startTime, err = strconv.ParseUint(fields[startTimeField], 10, 64)
	return startTime, fields[stateField][0], err
}

// Save writes the process's record into the folder.
func (p *Process) Save(folder string) error {
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, p.Name+".json"), append(content, '\n'), 0o644)
}

// Forget deletes the process's record, so that nobody expects it to run.
func (p *Process) Forget(folder string) error {
	return os.Remove(filepath.Join(folder, p.Name+".json"))
}

// LoadProcess reads a process's record.
func LoadProcess(folder, name string) (*Process, error) {
	content, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err != nil {
		return nil, err
	}
	var process Process
	return &process, json.Unmarshal(content, &process)
}

// LoadProcesses reads every record of the folder.
func LoadProcesses(folder string) ([]*Process, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	processes := make([]*Process, len(files))
	for i, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if processes[i], err = LoadProcess(folder, name); err != nil {
			return nil, err
		}
	}
	return processes, nil
}
