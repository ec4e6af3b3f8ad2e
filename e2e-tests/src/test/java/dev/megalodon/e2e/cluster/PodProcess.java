package dev.megalodon.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
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

  /** Finds the pod's JVM, which must run. */
  public static PodProcess of(Pod pod) {
    return find(pod)
        .orElseThrow(
            () -> new AssertionError("no JVM in the cgroup of pod " + pod.getMetadata().getName()));
  }

  /** Finds the pod's JVM among this machine's processes, by its cgroup. */
  public static Optional<PodProcess> find(Pod pod) {
    String cgroup = "pod" + pod.getMetadata().getUid();
    return ProcessHandle.allProcesses()
        .filter(process -> isIn(process, cgroup) && isJava(process))
        .findFirst()
        .map(PodProcess::new);
  }

  /** Ends it with SIGKILL: it can neither save nor say anything. */
  public void kill() {
    if (!process.destroyForcibly()) {
      throw new AssertionError("cannot kill process " + process.pid());
    }
  }

  /** Freezes it with SIGSTOP: its connections stay, and nothing comes from it. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets a frozen process go on; does nothing if it ended meanwhile. */
  public void thaw() {
    if (process.isAlive()) {
      signal("CONT");
    }
  }

  /** When the process was started. */
  public Optional<Instant> startedAt() {
    return process.info().startInstant();
  }

  /** The line of {@code /proc/PID/cgroup} that names its memory cgroup. */
  String memoryCgroup() {
    return read(process, "cgroup").stream()
        .flatMap(String::lines)
        .filter(line -> line.matches("(\\d+:memory|0:):.*"))
        .max(Comparator.comparing(line -> line.contains(":memory:")))
        .orElseThrow(() -> new AssertionError("no memory cgroup of process " + process.pid()));
  }

  private void signal(String name) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start().waitFor();
      if (status != 0) {
        throw new AssertionError("kill -%s %d: status %d".formatted(name, process.pid(), status));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
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
