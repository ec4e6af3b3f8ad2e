package dev.megalodon.e2e.scale;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Applies jobs at a steady rate, waits until all make steps, and looks what they cost then. */
final class ScaleRun {
  private static final Duration STUCK = Duration.ofMinutes(2);

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private final Size size;

  /**
   * How much.
   *
   * @param jobs jobs
   * @param workers pods of each
   * @param perSecond jobs that are applied in a second
   * @param look how long they are looked at once they run
   */
  record Size(int jobs, int workers, int perSecond, Duration look) {}

  ScaleRun(EmbeddedCluster cluster, Workspace workspace, Size size) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.size = size;
  }

  ScaleReport run() {
    try (FakeNodes nodes = FakeNodes.open(cluster);
        Crew crew = Crew.start(cluster);
        Arrivals arrivals =
            new Arrivals(cluster.client(), workspace, size.workers(), pod -> join(crew, pod))) {
      OperatorUse before = OperatorUse.read(cluster);
      long began = System.nanoTime();
      apply(arrivals);
      awaitProgress("all pods created", size.jobs(), arrivals::complete);
      awaitProgress("all jobs to make steps", size.jobs(), this::runningJobs);
      double running = secondsSince(began);
      OperatorUse start = OperatorUse.read(cluster).since(before);
      settle();
      ScaleReport.Upkeep resting = look();
      crew.train();
      settle();
      ScaleReport.Upkeep training = look();
      crew.rest();
      return report(arrivals.delays(), start, running, resting, training);
    }
  }

  private void apply(Arrivals arrivals) {
    long period = TimeUnit.SECONDS.toNanos(1) / size.perSecond();
    long next = System.nanoTime();
    for (int number = 0; number < size.jobs(); number++) {
      GenericKubernetesResource job = job("scale-%04d".formatted(number));
      pause(next - System.nanoTime());
      next += period;
      arrivals.applied(job.getMetadata().getName());
      cluster
          .client()
          .genericKubernetesResources(job.getApiVersion(), job.getKind())
          .inNamespace(workspace.namespace())
          .resource(job)
          .create();
    }
  }

  /** Untyped, as people write it: the records would write what is left out as zero. */
  private GenericKubernetesResource job(String name) {
    String manifest =
        TinyJob.named(name)
            .with(Setting.WORKERS, size.workers())
            .with(Setting.BATCH, size.workers())
            .with(Setting.STEPS, 1_000_000)
            .with(Setting.WORKER, FakeNodes.POD_TEMPLATE)
            .manifest();
    return Serialization.unmarshal(manifest, GenericKubernetesResource.class);
  }

  private static void join(Crew crew, Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    crew.add(
        pod.getStatus().getPodIP(),
        pod.getMetadata().getOwnerReferences().getFirst().getUid(),
        Integer.parseInt(labels.get("training.megalodon.dev/rank")),
        Long.parseLong(labels.get("training.megalodon.dev/incarnation")));
  }

  private int runningJobs() {
    return OperatorUse.read(cluster).runningJobs();
  }

  /** Waits as long as the count grows. */
  private static void awaitProgress(String what, int all, IntSupplier count) {
    int last = -1;
    while (last < all) {
      int before = last;
      last =
          Await.until(
              "%s: %d of %d".formatted(what, before, all),
              STUCK,
              () -> Optional.of(count.getAsInt()).filter(now -> now > before));
    }
  }

  /** What was begun is finished: events are written, answers have been asked for. */
  private void settle() {
    pause(size.look().toNanos() / 2);
  }

  private ScaleReport.Upkeep look() {
    OperatorUse before = OperatorUse.read(cluster);
    long began = System.nanoTime();
    pause(size.look().toNanos());
    OperatorUse use = OperatorUse.read(cluster).since(before);
    return ScaleReport.Upkeep.of(use, secondsSince(began), OperatorUse.memory(cluster));
  }

  private ScaleReport report(
      List<Duration> delays,
      OperatorUse start,
      double running,
      ScaleReport.Upkeep resting,
      ScaleReport.Upkeep training) {
    Map<String, Double> perJob = new TreeMap<>();
    start.requests().forEach((request, count) -> perJob.put(request, (double) count / size.jobs()));
    return new ScaleReport(
        size.jobs(),
        size.workers(),
        size.perSecond(),
        quantile(delays, 0.5),
        quantile(delays, 0.99),
        quantile(delays, 1),
        perJob,
        (double) start.writesBesidePods() / size.jobs(),
        running,
        start.cpuSeconds() / size.jobs(),
        resting,
        training);
  }

  private static double quantile(List<Duration> sorted, double share) {
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return sorted.get(Math.max(index, 0)).toNanos() / 1e9;
  }

  private static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
