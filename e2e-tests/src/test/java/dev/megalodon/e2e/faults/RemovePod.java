package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.faults.Expectation.Charge;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Set;

/**
 * Somebody takes a rank's pod away, with its grace period.
 *
 * @param rank whose
 * @param way how
 */
record RemovePod(int rank, Way way) implements Fault {
  /** How a pod is taken away. */
  enum Way {
    /** {@code kubectl delete pod}. */
    DELETE,
    /** The Eviction API, as drains and autoscalers use it. */
    EVICT
  }

  @Override
  public String name() {
    return way == Way.DELETE ? "pod deleted" : "pod evicted";
  }

  @Override
  public Expectation expectation() {
    return Expectation.survived(Charge.UNCHARGED);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Set.of(rank);
  }

  @Override
  public Injection inject(Scene scene) {
    Pod pod = scene.pod(rank);
    var request = scene.cluster().client().resource(pod);
    switch (way) {
      case DELETE -> request.delete();
      case EVICT -> evict(scene, pod);
    }
    return Injection.done();
  }

  private static void evict(Scene scene, Pod pod) {
    boolean accepted =
        scene
            .cluster()
            .client()
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .evict();
    if (!accepted) {
      throw new AssertionError(
          "the eviction of %s was refused".formatted(pod.getMetadata().getName()));
    }
  }
}
