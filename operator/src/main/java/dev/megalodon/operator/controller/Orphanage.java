package dev.megalodon.operator.controller;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.act.AbandonedPods;
import dev.megalodon.operator.observe.Ownership;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Looks for worker pods whose job is gone and lets Kueue forget them: when a job is deleted, and
 * now and then for those that went while no operator ran.
 */
final class Orphanage implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Orphanage.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Cache<Pod> pods;
  private final Cache<MegalodonTrainingJob> jobs;
  private final AbandonedPods abandoned;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("orphanage").daemon().factory());

  /** Looks into these caches, every ten seconds from now on. */
  Orphanage(Cache<Pod> pods, Cache<MegalodonTrainingJob> jobs, AbandonedPods abandoned) {
    this.pods = pods;
    this.jobs = jobs;
    this.abandoned = abandoned;
    thread.scheduleWithFixedDelay(
        this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Looks once more, soon: a job was deleted. */
  void jobDeleted() {
    thread.execute(this::look);
  }

  private void look() {
    try {
      pods.list(pod -> AbandonedPods.isKept(pod) && !hasJob(pod)).forEach(abandoned::release);
    } catch (KubernetesClientException | IllegalStateException failure) {
      LOG.warnf("looking for %s: %s; trying again", abandoned, failure.getMessage());
    }
  }

  private boolean hasJob(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    return pod.getMetadata().getOwnerReferences().stream()
        .flatMap(owner -> jobs.get(new ResourceID(owner.getName(), namespace)).stream())
        .anyMatch(job -> Ownership.owns(job, pod));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
