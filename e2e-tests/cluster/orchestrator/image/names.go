package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Archive says what an image archive holds.
type Archive struct {
	// Digest identifies the archive's bytes.
	Digest string
	// Names are the images' names; empty if the archive does not list them as a docker-archive does.
	Names []string
}

// Inspect reads an archive.
func Inspect(path string) (Archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return Archive{}, err
	}
	defer file.Close()
	hash := sha256.New()
	content := io.TeeReader(file, hash)
	names, err := readNames(tar.NewReader(content))
	if err != nil {
		return Archive{}, fmt.Errorf("%s is not an image archive: %w", path, err)
	}
	// What follows the last entry.
	if _, err := io.Copy(io.Discard, content); err != nil {
		return Archive{}, err
	}
	return Archive{Digest: fmt.Sprintf("%x", hash.Sum(nil)), Names: names}, nil
}

func readNames(archive *tar.Reader) ([]string, error) {
	var names []string
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		if header.Name != "manifest.json" {
			continue
		}
		var manifest []struct{ RepoTags []string }
		if err := json.NewDecoder(archive).Decode(&manifest); err != nil {
			return nil, fmt.Errorf("manifest.json: %w", err)
		}
		for _, image := range manifest {
			names = append(names, image.RepoTags...)
		}
	}
}
