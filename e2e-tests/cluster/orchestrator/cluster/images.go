package cluster

import (
	"fmt"
	"path/filepath"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/image"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// LoadImages imports image archives (docker-archive or OCI layout) into every node.
func (c *Cluster) LoadImages(archives []string) error {
	for _, archive := range archives {
		if err := c.onEveryNode(func(node plan.Node) error { return loadImage(node, archive) }); err != nil {
			return err
		}
		fmt.Printf("loaded %s into %d nodes\n", filepath.Base(archive), c.NodeCount)
	}
	return nil
}

func loadImage(node plan.Node, archive string) error {
	return host.Run("ctr", "--address", node.ContainerdSocket(), "--namespace", "k8s.io",
		"images", "import", archive)
}

// writePauseImage makes the image of the pods' sandboxes and returns its archive.
func (c *Cluster) writePauseImage() (string, error) {
	archive := c.Path("pause.tar")
	return archive, image.Write(archive, pauseImage, c.program("pause"))
}

// onEveryNode does the work on all nodes at the same time and returns one of the failures, if any.
func (c *Cluster) onEveryNode(work func(plan.Node) error) error {
	results := make(chan error, c.NodeCount)
	for _, node := range c.Nodes() {
		go func() {
			if err := work(node); err != nil {
				results <- fmt.Errorf("%s: %w", node.Name(), err)
				return
			}
			results <- nil
		}()
	}
	var failure error
	for range c.NodeCount {
		if err := <-results; err != nil {
			failure = err
		}
	}
	return failure
}
