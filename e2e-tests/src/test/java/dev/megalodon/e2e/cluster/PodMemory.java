package dev.megalodon.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of a pod's container, as the kernel counts and limits it. */
public final class PodMemory {
  private static final long HEADROOM_BYTES = 1 << 20;

  private static final String HOG_SECONDS = "60";

  private final Path cgroup;
  private final String limit;
  private final String usage;

  private PodMemory(Path cgroup, String limit, String usage) {
    this.cgroup = cgroup;
    this.limit = limit;
    this.usage = usage;
  }

  /** The memory of the container that a process is in, on either version of cgroups. */
  public static PodMemory of(PodProcess process) {
    String[] line = process.memoryCgroup().split(":", 3);
    Path root = Path.of("/sys/fs/cgroup");
    String relative = line[2].substring(1);
    return line[1].isEmpty()
        ? new PodMemory(root.resolve(relative), "memory.max", "memory.current")
        : new PodMemory(
            root.resolve("memory").resolve(relative),
            "memory.limit_in_bytes",
            "memory.usage_in_bytes");
  }

  /**
   * Lowers the limit to what is used and lets a guest in the same group use as much again: more
   * than the kernel could free by dropping cached pages. Of the two the container's own process is
   * the one to end, since the kubelet has given it a higher score; what becomes of the guest then
   * does not matter.
   */
  public void exhaust(EmbeddedCluster cluster) {
    long used = Long.parseLong(read(usage));
    write(limit, Long.toString(used + HEADROOM_BYTES));
    String script =
        "echo $$ >%s/cgroup.procs && exec dd if=/dev/zero of=/dev/null bs=%d count=1"
            .formatted(cgroup, used);
    cluster.run("timeout", HOG_SECONDS, "bash", "-c", script);
  }

  private String read(String file) {
    try {
      return Files.readString(cgroup.resolve(file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String file, String value) {
    try {
      Files.writeString(cgroup.resolve(file), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
