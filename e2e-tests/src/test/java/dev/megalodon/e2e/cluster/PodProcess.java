package dev.megalodon.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The JVM inside a pod, found from outside: all nodes run on this machine's kernel, and the images
 * have no shell to kill from.
 */
public final class PodProcess {
  private final ProcessHandle process;

  private PodProcess(ProcessHandle process) {
    this.process = process;
  }

  /** Finds the pod's JVM among this machine's processes, by its cgroup. */
  public static PodProcess of(Pod pod) {
    String cgroup = "pod" + pod.getMetadata().getUid();
    return ProcessHandle.allProcesses()
        .filter(process -> isIn(process, cgroup) && isJava(process))
        .findFirst()
        .map(PodProcess::new)
        .orElseThrow(
            () -> new AssertionError("no JVM in the cgroup of pod " + pod.getMetadata().getName()));
  }

  /** Ends it with SIGKILL: it can neither save nor say anything. */
  public void kill() {
    if (!process.destroyForcibly()) {
      throw new AssertionError("cannot kill process " + process.pid());
    }
  }

  private static boolean isIn(ProcessHandle process, String cgroup) {
    return read(process, "cgroup").filter(text -> text.contains(cgroup)).isPresent();
  }

  private static boolean isJava(ProcessHandle process) {
    return read(process, "cmdline")
        .filter(text -> text.startsWith("/opt/java/bin/java"))
        .isPresent();
  }

  private static Optional<String> read(ProcessHandle process, String file) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", "" + process.pid(), file))) {
      return Optional.of(String.join("\n", lines.toList()));
    } catch (IOException | UncheckedIOException ended) {
      return Optional.empty();
    }
  }
}
