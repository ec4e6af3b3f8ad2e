package plan

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestShouldGiveClustersNothingInCommon(t *testing.T) {
	owner := map[string]int{}
	claimName := func(cluster Cluster, name string) {
		if other, taken := owner[name]; taken && other != cluster.Number {
			t.Errorf("clusters %d and %d both use %s", other, cluster.Number, name)
		}
		owner[name] = cluster.Number
	}
	for number := range MaxInstances {
		cluster := Cluster{Number: number, NodeCount: MaxNodes}
		claimName(cluster, cluster.HostIP())
		claimName(cluster, cluster.SwitchNamespace())
		for _, port := range cluster.Ports() {
			claimName(cluster, fmt.Sprint("port ", port))
		}
		for _, node := range cluster.Nodes() {
			claimName(cluster, node.IP())
			claimName(cluster, node.PodCIDR())
			claimName(cluster, node.Namespace())
			claimName(cluster, node.Cgroup())
		}
	}
}

func TestShouldKeepAllAddressesInTheClustersRange(t *testing.T) {
	cluster := Cluster{Number: MaxInstances - 1, NodeCount: MaxNodes}
	_, all, err := net.ParseCIDR(cluster.CIDR())
	if err != nil {
		t.Fatal(err)
	}
	addresses := []string{cluster.HostIP()}
	for _, node := range cluster.Nodes() {
		pods, _, err := net.ParseCIDR(node.PodCIDR())
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, node.IP(), pods.String())
	}
	for _, address := range addresses {
		if !all.Contains(net.ParseIP(address)) {
			t.Errorf("%s is not in %s", address, all)
		}
	}
}

func TestShouldKeepLinkNamesWithinTheKernelsLimit(t *testing.T) {
	const limit = 15
	cluster := Cluster{Number: MaxInstances - 1, NodeCount: MaxNodes}
	links := []string{cluster.HostLink()}
	for _, node := range cluster.Nodes() {
		links = append(links, node.SwitchLink(), node.SlowLink(), node.SlowLinkPeer())
	}
	for _, link := range links {
		if len(link) > limit {
			t.Errorf("%s is longer than %d", link, limit)
		}
	}
}

func TestShouldFindNodesByNameOnly(t *testing.T) {
	cluster := Cluster{NodeCount: 2}
	if node, err := cluster.Node("node-2"); err != nil || node.Name() != "node-2" {
		t.Errorf("got %q, %v", node.Name(), err)
	}
	if _, err := cluster.Node("node-3"); err == nil {
		t.Error("found a third of two nodes")
	}
}

func TestShouldSeeOverlapWithTheMachinesAddresses(t *testing.T) {
	if overlap := overlappingAddress("127.0.0.0/20"); overlap != "127.0.0.1/8" {
		t.Errorf("got %q", overlap)
	}
	if overlap := overlappingAddress("240.0.0.0/24"); overlap != "" {
		t.Errorf("got %q for a range that no machine may use", overlap)
	}
}

func TestShouldLockOutOthersUntilReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "lock")
	unlock, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	acquired := make(chan error, 1)
	go func() {
		unlockSecond, err := Lock(path)
		if err == nil {
			defer unlockSecond()
			_, err = os.Stat(path + ".released")
		}
		acquired <- err
	}()
	if err := os.WriteFile(path+".released", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-acquired; err != nil {
		t.Errorf("the second lock was taken before the first was released: %v", err)
	}
}
