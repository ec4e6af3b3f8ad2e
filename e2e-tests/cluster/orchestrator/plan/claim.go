package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lockBound is longer than bringing up a cluster may take.
const lockBound = 10 * time.Minute

// claim is written to RunRoot while a checkout uses a number.
type claim struct {
	Cluster
	// BootID tells a claim from before a reboot, whose cluster is gone.
	BootID string `json:"bootId"`
}

// Find returns the cluster that the state folder's checkout has claimed, if any.
func Find(state string) (Cluster, bool, error) {
	clusters, err := All()
	for _, cluster := range clusters {
		if cluster.State == state {
			return cluster, true, nil
		}
	}
	return Cluster{}, false, err
}

// All returns the clusters that any checkout has claimed on this machine.
func All() ([]Cluster, error) {
	var clusters []Cluster
	for number := range MaxInstances {
		claim, err := readClaim(number)
		if err != nil {
			return nil, err
		}
		if claim != nil {
			clusters = append(clusters, claim.Cluster)
		}
	}
	return clusters, nil
}

// Claim takes the lowest number whose names, addresses and ports nobody uses.
func Claim(state string, nodes int) (Cluster, error) {
	unlock, err := Lock(filepath.Join(RunRoot, "lock"))
	if err != nil {
		return Cluster{}, err
	}
	defer unlock()
	var reasons []string
	for number := range MaxInstances {
		cluster := Cluster{Number: number, NodeCount: nodes, State: state}
		if reason := unavailable(cluster); reason != "" {
			reasons = append(reasons, fmt.Sprintf("  %d: %s", number, reason))
			continue
		}
		return cluster, writeClaim(cluster)
	}
	return Cluster{}, fmt.Errorf("no free cluster number on this machine:\n%s", strings.Join(reasons, "\n"))
}

// Release gives the cluster's number back.
func Release(cluster Cluster) error {
	err := os.Remove(claimFile(cluster.Number))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// OthersUp tells whether another checkout's cluster holds a number on this machine.
func OthersUp(cluster Cluster) bool {
	for number := range MaxInstances {
		claim, err := readClaim(number)
		if number != cluster.Number && (err != nil || claim != nil && claim.BootID == bootID()) {
			return true
		}
	}
	return false
}

// Lock waits for an exclusive lock on the file, which it creates, and returns how to release it.
func Lock(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for deadline, told := time.Now().Add(lockBound), false; ; time.Sleep(50 * time.Millisecond) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			file.Close()
			return nil, fmt.Errorf("waited %s for another cluster command to release %s: %w", lockBound, path, err)
		}
		if !told {
			told = true
			fmt.Fprintf(os.Stderr, "waiting for another cluster command (at most %s)\n", lockBound)
		}
	}
	return func() { file.Close() }, nil
}

func unavailable(cluster Cluster) string {
	claim, err := readClaim(cluster.Number)
	if err != nil {
		return err.Error()
	}
	if claim != nil && claim.BootID == bootID() {
		return "in use by " + claim.State
	}
	if overlapping := overlappingAddress(cluster.CIDR()); overlapping != "" {
		return fmt.Sprintf("%s overlaps %s of this machine", cluster.CIDR(), overlapping)
	}
	for _, port := range cluster.Ports() {
		listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			return err.Error()
		}
		listener.Close()
	}
	return ""
}

func overlappingAddress(cidr string) string {
	_, wanted, _ := net.ParseCIDR(cidr)
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err.Error()
	}
	for _, address := range addresses {
		ip, network, err := net.ParseCIDR(address.String())
		if err == nil && (wanted.Contains(ip) || network.Contains(wanted.IP)) {
			return address.String()
		}
	}
	return ""
}

func readClaim(number int) (*claim, error) {
	content, err := os.ReadFile(claimFile(number))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var result claim
	if err := json.Unmarshal(content, &result); err != nil {
		return nil, fmt.Errorf("%s: %w", claimFile(number), err)
	}
	return &result, nil
}

func writeClaim(cluster Cluster) error {
	content, err := json.Marshal(claim{Cluster: cluster, BootID: bootID()})
	if err != nil {
		return err
	}
	return os.WriteFile(claimFile(cluster.Number), content, 0o644)
}

func claimFile(number int) string {
	return filepath.Join(RunRoot, fmt.Sprintf("claim-%d.json", number))
}

func bootID() string {
	content, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(content))
}
