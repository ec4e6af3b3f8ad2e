// Package image makes container images of single static programs, without a container engine.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Write writes a docker-archive with an image of that name, which runs the static program.
func Write(archive, name, program string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	entrypoint := "/" + filepath.Base(program)
	layer, err := pack(file{name: entrypoint[1:], mode: 0o755, content: content})
	if err != nil {
		return err
	}
	config, err := configuration(entrypoint, layer)
	if err != nil {
		return err
	}
	configName, layerName := digest(config)+".json", digest(layer)+".tar"
	manifest, err := json.Marshal([]map[string]any{{
		"Config": configName, "RepoTags": []string{name}, "Layers": []string{layerName},
	}})
	if err != nil {
		return err
	}
	image, err := pack(
		file{name: configName, mode: 0o644, content: config},
		file{name: layerName, mode: 0o644, content: layer},
		file{name: "manifest.json", mode: 0o644, content: manifest})
	if err != nil {
		return err
	}
	return os.WriteFile(archive, image, 0o644)
}

func configuration(entrypoint string, layer []byte) ([]byte, error) {
	return json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{entrypoint}, "User": "65532:65532"},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
	})
}

type file struct {
	name    string
	mode    int64
	content []byte
}

func pack(files ...file) ([]byte, error) {
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, file := range files {
		header := &tar.Header{Name: file.name, Mode: file.mode, Size: int64(len(file.content))}
		if err := archive.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(file.content); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return buffer.Bytes(), err
}

func digest(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }
