package host

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// kernelSettings are machine-wide settings that a kubelet changes when it starts.
var kernelSettings = []string{
	"kernel/keys/root_maxbytes", "kernel/keys/root_maxkeys", "kernel/panic", "kernel/panic_on_oops",
	"vm/overcommit_memory", "vm/panic_on_oom",
}

const kernelSettingsFile = "kernel-settings.json"

// SaveKernelSettings notes, in the folder, what RestoreKernelSettings is to bring back.
func SaveKernelSettings(folder string) error {
	saved := map[string]string{}
	for _, setting := range kernelSettings {
		if value, err := os.ReadFile(filepath.Join("/proc/sys", setting)); err == nil {
			saved[setting] = string(value)
		}
	}
	content, err := json.Marshal(saved)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, kernelSettingsFile), content, 0o644)
}

// RestoreKernelSettings brings back the settings noted in the folder, if there are any, and forgets
// them.
func RestoreKernelSettings(folder string) error {
	file := filepath.Join(folder, kernelSettingsFile)
	content, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var saved map[string]string
	if err := json.Unmarshal(content, &saved); err != nil {
		return err
	}
	for setting, value := range saved {
		path := filepath.Join("/proc/sys", setting)
		if current, err := os.ReadFile(path); err == nil && string(current) != value {
			if err := os.WriteFile(path, []byte(value), 0o644); err != nil {
				return err
			}
		}
	}
	return os.Remove(file)
}
