package image

import (
	"archive/tar"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestShouldWriteAnArchiveWhosePartsNameEachOther(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, "program")
	if err := os.WriteFile(program, []byte("content"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "image.tar")
	if err := Write(path, "example.local/name:1", program); err != nil {
		t.Fatal(err)
	}
	files := unpack(t, path)
	var manifest []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest[0].RepoTags[0] != "example.local/name:1" {
		t.Errorf("manifest %+v", manifest)
	}
	var config struct {
		Config struct{ Entrypoint []string }
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	if err := json.Unmarshal(files[manifest[0].Config], &config); err != nil {
		t.Fatal(err)
	}
	layer := files[manifest[0].Layers[0]]
	if config.Config.Entrypoint[0] != "/program" || config.RootFS.DiffIDs[0] != "sha256:"+digest(layer) {
		t.Errorf("configuration %+v", config)
	}
}

func TestShouldTellArchivesApartAndNameTheirImages(t *testing.T) {
	folder := t.TempDir()
	inspect := func(content string) Archive {
		program := filepath.Join(folder, "program")
		if err := os.WriteFile(program, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "image.tar")
		if err := Write(path, "example.local/name:1", program); err != nil {
			t.Fatal(err)
		}
		archive, err := Inspect(path)
		if err != nil {
			t.Fatal(err)
		}
		return archive
	}
	first, same, other := inspect("first"), inspect("first"), inspect("other")
	if len(first.Names) != 1 || first.Names[0] != "example.local/name:1" {
		t.Errorf("names %v", first.Names)
	}
	if first.Digest != same.Digest || first.Digest == other.Digest {
		t.Errorf("digests %s %s %s", first.Digest, same.Digest, other.Digest)
	}
}

func TestShouldRefuseWhatIsNoArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(path, []byte("no archive, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(path); err == nil {
		t.Error("no error")
	}
}

func unpack(t *testing.T, path string) map[string][]byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	files := map[string][]byte{}
	for archive := tar.NewReader(file); ; {
		header, err := archive.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}
