package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dev.megalodon/e2e/cluster/orchestrator/host"
	"dev.megalodon/e2e/cluster/orchestrator/image"
	"dev.megalodon/e2e/cluster/orchestrator/plan"
)

// LoadImages imports image archives (docker-archive or OCI layout) into every node, save those whose
// images are there already.
func (c *Cluster) LoadImages(archives []string) error {
	loaded, err := c.readLoaded()
	if err != nil {
		return err
	}
	for _, path := range archives {
		archive, err := image.Inspect(path)
		if err != nil {
			return err
		}
		if loaded.has(archive) {
			fmt.Printf("%s was loaded already\n", filepath.Base(path))
			continue
		}
		if err := c.onEveryNode(func(node plan.Node) error { return loadImage(node, path) }); err != nil {
			return err
		}
		fmt.Printf("loaded %s into %d nodes\n", filepath.Base(path), c.NodeCount)
		if err := c.writeLoaded(loaded.with(archive)); err != nil {
			return err
		}
	}
	return nil
}

// loadedImages maps an image's name to the digest of the archive that it came from last.
type loadedImages map[string]string

func (l loadedImages) has(archive image.Archive) bool {
	for _, name := range archive.Names {
		if l[name] != archive.Digest {
			return false
		}
	}
	return len(archive.Names) > 0
}

func (l loadedImages) with(archive image.Archive) loadedImages {
	for _, name := range archive.Names {
		l[name] = archive.Digest
	}
	return l
}

func (c *Cluster) loadedFile() string { return c.Path("images.json") }

func (c *Cluster) readLoaded() (loadedImages, error) {
	loaded := loadedImages{}
	content, err := os.ReadFile(c.loadedFile())
	if errors.Is(err, fs.ErrNotExist) {
		return loaded, nil
	}
	if err != nil {
		return nil, err
	}
	return loaded, json.Unmarshal(content, &loaded)
}

func (c *Cluster) writeLoaded(loaded loadedImages) error {
	content, err := json.MarshalIndent(loaded, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(c.loadedFile(), content, 0o644)
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
