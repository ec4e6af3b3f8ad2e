package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.ClusterReport;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Runs faults, each against a job of its own, and never stops because one went wrong. */
final class FaultSuite implements AutoCloseable {
  /** Jobs at once, of those faults that hurt nobody else. */
  private static final int LANES = 2;

  /** How many times as long a job trains that an outage hits. */
  private static final int ALONE = 3;

  private static final int SMALL_MEBIBYTES = 64;

  private final EmbeddedCluster cluster;
  private final Workspace usual;
  private final Workspace small;
  private final SmallVolume volume;

  private FaultSuite(
      EmbeddedCluster cluster, Workspace usual, Workspace small, SmallVolume volume) {
    this.cluster = cluster;
    this.usual = usual;
    this.small = small;
    this.volume = volume;
  }

  static FaultSuite create(EmbeddedCluster cluster) {
    Workspace usual = Workspace.create(cluster, "suite");
    Workspace small = Workspace.create(cluster, "small");
    SmallVolume volume = SmallVolume.mount(cluster, small.checkpoints(), SMALL_MEBIBYTES);
    return new FaultSuite(cluster, usual, small.seeingCheckpointsAt(volume.seenAt()), volume);
  }

  /**
   * The undisturbed run first, then faults that hurt their own job only, then those of nodes and of
   * the control plane, which last, against a longer training. The table is written after each row:
   * whatever ends the suite, what it measured stays.
   */
  FaultTable run(List<Fault> faults, Duration undisturbed) {
    Trial trial = Trial.lasting(usual, undisturbed);
    Map<String, FaultRow> rows = new ConcurrentHashMap<>();
    try (ExecutorService lanes = Executors.newFixedThreadPool(LANES)) {
      faults.stream()
          .filter(fault -> !fault.isAlone())
          .forEach(fault -> lanes.execute(() -> measure(fault, trial, faults, rows)));
    }
    List<Fault> alone = faults.stream().filter(Fault::isAlone).toList();
    if (!alone.isEmpty()) {
      Trial longer = trial.longer(usual, ALONE);
      alone.forEach(fault -> measure(fault, longer, faults, rows));
    }
    return inOrder(faults, rows);
  }

  private void measure(Fault fault, Trial trial, List<Fault> all, Map<String, FaultRow> rows) {
    rows.put(fault.name(), run(fault, trial));
    write(inOrder(all, rows));
  }

  private static FaultTable inOrder(List<Fault> faults, Map<String, FaultRow> rows) {
    return new FaultTable(
        faults.stream().flatMap(fault -> Stream.ofNullable(rows.get(fault.name()))).toList());
  }

  private synchronized void write(FaultTable table) {
    table.write(cluster.result("faults.json"));
  }

  private FaultRow run(Fault fault, Trial trial) {
    Workspace workspace = fault instanceof FillVolume ? small : usual;
    String name = fault.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String job = "f-" + name.substring(0, Math.min(name.length(), 30)).replaceAll("-$", "");
    Scene scene = new Scene(cluster, workspace, job);
    FaultRow row = measure(scene, fault, trial);
    System.out.printf("%s: %s%n", row.isGood() ? "ok" : "NOT AS IT MUST BE", row);
    if (!row.isGood()) {
      ClusterReport.write(cluster, cluster.logs().resolve("faults").resolve(job));
    }
    deleteQuietly(scene);
    return row;
  }

  private static FaultRow measure(Scene scene, Fault fault, Trial trial) {
    try {
      return new FaultRun(scene, fault, trial.reference()).run(trial.job(scene.job()));
    } catch (RuntimeException | AssertionError e) {
      e.printStackTrace();
      return FaultRow.broken(fault.name(), e);
    }
  }

  /** Its pods must not take time from the next. */
  private static void deleteQuietly(Scene scene) {
    try {
      scene.workspace().delete(scene.job());
    } catch (AssertionError e) {
      System.err.printf("%s is not gone: %s%n", scene.job(), e.getMessage());
    }
  }

  @Override
  public void close() {
    usual.close();
    small.close();
    volume.close();
  }
}
