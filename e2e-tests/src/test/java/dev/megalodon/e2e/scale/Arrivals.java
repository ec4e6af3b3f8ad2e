package dev.megalodon.e2e.scale;

import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** When each job's pods were seen, by a watch as any client has it. */
final class Arrivals implements Watcher<Pod>, AutoCloseable {
  private static final String JOB = "training.megalodon.dev/job";

  private final int workers;
  private final Consumer<Pod> onAddress;
  private final Map<String, Long> applied = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> pods = new ConcurrentHashMap<>();
  private final Map<String, Long> complete = new ConcurrentHashMap<>();
  private final Set<String> placed = ConcurrentHashMap.newKeySet();
  private final Watch watch;

  /**
   * Begins to watch.
   *
   * @param workers pods of each job
   * @param onAddress told of each pod once, when it has an address
   */
  Arrivals(KubernetesClient client, Workspace workspace, int workers, Consumer<Pod> onAddress) {
    this.workers = workers;
    this.onAddress = onAddress;
    this.watch = client.pods().inNamespace(workspace.namespace()).watch(this);
  }

  /** A job is about to be applied. */
  void applied(String job) {
    applied.put(job, System.nanoTime());
  }

  @Override
  public void eventReceived(Action action, Pod pod) {
    String job = pod.getMetadata().getLabels().get(JOB);
    Set<String> seen = pods.computeIfAbsent(job, name -> ConcurrentHashMap.newKeySet());
    if (seen.add(pod.getMetadata().getName()) && seen.size() == workers) {
      complete.put(job, System.nanoTime());
    }
    if (pod.getStatus().getPodIP() != null && placed.add(pod.getMetadata().getUid())) {
      onAddress.accept(pod);
    }
  }

  @Override
  public void onClose(WatcherException cause) {
    System.out.println("the watch of pods was closed: " + cause.getMessage());
  }

  /** Jobs all of whose pods were created. */
  int complete() {
    return complete.size();
  }

  /** Pods that were scheduled and run, as KWOK says. */
  int placed() {
    return placed.size();
  }

  /** From a job's being applied to the last of its pods' being seen, shortest first. */
  List<Duration> delays() {
    return complete.entrySet().stream()
        .map(
            job ->
                Duration.ofNanos(
                    job.getValue() - Objects.requireNonNull(applied.get(job.getKey()))))
        .sorted()
        .toList();
  }

  @Override
  public void close() {
    watch.close();
  }
}
