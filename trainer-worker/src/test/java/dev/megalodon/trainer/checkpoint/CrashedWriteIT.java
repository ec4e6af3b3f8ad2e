package dev.megalodon.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.checkpoint.WriteSteps.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process ends after every single change that it makes to the volume, one after the other: what
 * was committed always loads, and whoever comes next writes on and tidies up.
 */
class CrashedWriteIT {
  private static final int BOUND_SECONDS = 60;

  private static final Path MEMORY = Path.of("/dev/shm");

  private Path root = Path.of("");
  private final TrialCheckpoints trial = new TrialCheckpoints(/* layers= */ 1);
  private final Map<String, SortedMap<String, String>> saved = new HashMap<>();
  private List<CrashAt.Point> points = List.of();

  /** How a process ends. */
  private enum End {
    /** The system keeps what it was given. */
    KILLED,
    /** The disk has only what was forced. */
    WITHOUT_POWER
  }

  /** Counts the changes, and keeps the digests of every checkpoint's files. */
  @BeforeEach
  void dryRun() throws IOException {
    // In memory, where there is one: what a disk would have forgotten is known without a disk.
    root =
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "crashed-write-")
            : Files.createTempDirectory("crashed-write-");
    Path folder = root.resolve("calm");
    CrashAt counting = CrashAt.never();
    WriteSteps keeping =
        (step, path) -> {
          counting.done(step, path);
          if (step == Step.RENAMED && path.endsWith(CheckpointStore.MANIFEST)) {
            saved.put(folderOf(path).getFileName().toString(), digests(folderOf(path)));
          }
        };
    new CrashScript(trial, folder).run(keeping);
    points = counting.points();
    assertEquals(3, saved.size());
  }

  @AfterEach
  void close() throws IOException {
    trial.close();
    delete(root);
  }

  @ParameterizedTest
  @EnumSource
  void shouldLoseNothingThatWasCommitted(End end) throws IOException {
    for (int last = 0; last < points.size(); last++) {
      Path folder = root.resolve("crashed-" + last);
      String where = "%s after %d, %s".formatted(end, last, points.get(last));
      CrashScript script = new CrashScript(trial, folder);
      CrashAt crash = crash(script, last);
      if (end == End.WITHOUT_POWER) {
        crash.losePower(folder);
      }
      List<String> reports = new ArrayList<>();
      Optional<StoredCheckpoint> found = new CrashScript(trial, folder).goOn(reports);
      assertEquals(List.of(), reports, where);
      assertTrue(allowed(end, crash, script).contains(name(found)), where + ": " + found);
      found.ifPresent(
          checkpoint -> assertEquals(saved.get(name(found)), digests(checkpoint.folder()), where));
      assertTidy(folder, found, where);
      delete(folder);
    }
    System.out.printf("%s: %d points, %s%n", end, points.size(), counts());
  }

  /** The same files are left by a process that ends for good: a point of each kind. */
  @Test
  void shouldLeaveTheSameFilesAsAProcessThatIsKilled() throws Exception {
    Map<String, Integer> sample = new TreeMap<>();
    for (int i = 0; i < points.size(); i++) {
      sample.put(kind(points.get(i)), i);
    }
    List<Process> processes = new ArrayList<>();
    for (int last : sample.values()) {
      processes.add(start(root.resolve("halted-" + last), last));
      if (processes.size() % 2 == 0) {
        await(processes.get(processes.size() - 2));
      }
    }
    for (Process process : processes) {
      await(process);
    }
    for (int last : sample.values()) {
      Path folder = root.resolve("crashed-" + last);
      crash(new CrashScript(trial, folder), last);
      assertEquals(
          digests(folder), digests(root.resolve("halted-" + last)), points.get(last).toString());
    }
    System.out.printf("%d processes halted: %s%n", sample.size(), sample.keySet());
  }

  private static CrashAt crash(CrashScript script, int last) {
    CrashAt crash = new CrashAt(last);
    assertThrows(CrashScript.Crash.class, () -> script.run(crash));
    return crash;
  }

  /** What the next run may find: what was committed, and what nearly was. */
  private static Set<String> allowed(End end, CrashAt crash, CrashScript script) {
    String renamed =
        crash.points().stream()
            .filter(point -> point.step() == Step.RENAMED)
            .filter(point -> point.path().endsWith(CheckpointStore.MANIFEST))
            .reduce(
                "",
                (before, point) -> folderOf(point.path()).getFileName().toString(),
                (a, b) -> b);
    return switch (end) {
      case KILLED -> Set.of(renamed);
      case WITHOUT_POWER -> new TreeSet<>(List.of(renamed, script.committed()));
    };
  }

  private static Path folderOf(Path file) {
    return Objects.requireNonNull(file.getParent());
  }

  private static String name(Optional<StoredCheckpoint> checkpoint) {
    return checkpoint.map(found -> found.folder().getFileName().toString()).orElse("");
  }

  /** Only whole checkpoints are left: the one gone on from and the one written since. */
  private static void assertTidy(Path folder, Optional<StoredCheckpoint> found, String where)
      throws IOException {
    CheckpointStore store = new CheckpointStore(folder, Duration.ZERO);
    List<CheckpointId> expected = new ArrayList<>();
    long step = found.map(checkpoint -> checkpoint.manifest().step()).orElse(0L);
    expected.add(new CheckpointId(9, 1, step + 10));
    found.ifPresent(checkpoint -> expected.add(checkpoint.manifest().id()));
    assertEquals(expected, store.all(), where);
    assertEquals(expected, store.committed(), where);
    SortedMap<String, String> files = digests(folder);
    assertTrue(files.keySet().stream().noneMatch(name -> name.contains(".partial")), where + files);
    assertTrue(store.newestVerified(problem -> {}).isPresent(), where);
  }

  private Map<Step, Integer> counts() {
    Map<Step, Integer> counts = new EnumMap<>(Step.class);
    points.forEach(point -> counts.merge(point.step(), 1, Integer::sum));
    return counts;
  }

  /** Which checkpoint it is in does not matter; which file only once it has its name. */
  private static String kind(CrashAt.Point point) {
    String name = point.path().getFileName().toString();
    return switch (point.step()) {
      case OPENED, CHUNK_WRITTEN, FORCED, CLOSED -> point.step().toString();
      case FOLDER_MADE, RENAMED, FOLDER_FORCED, DELETED ->
          point.step() + " " + (CheckpointId.parse(name).isPresent() ? "checkpoint" : name);
    };
  }

  private static SortedMap<String, String> digests(Path folder) {
    SortedMap<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        boolean isFile = Files.isRegularFile(file);
        digests.put(folder.relativize(file).toString(), isFile ? Sha256.ofFile(file) : "folder");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return digests;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  private Process start(Path folder, int last) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CrashScript.class.getName(),
            folder.toString(),
            Integer.toString(last))
        .redirectErrorStream(true)
        .redirectOutput(root.resolve("log-" + last).toFile())
        .start();
  }

  private static void await(Process process) throws InterruptedException {
    assertTrue(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS), "a process did not end in time");
    assertEquals(137, process.exitValue());
  }
}
