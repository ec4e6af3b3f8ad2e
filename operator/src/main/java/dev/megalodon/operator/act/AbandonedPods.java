package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.observe.Ownership;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPodReader;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Lets go of pods whose job is gone. Nobody plans for them, the garbage collector ends them, and
 * Kueue would keep them and their quota until somebody replaces them.
 */
public final class AbandonedPods {
  private static final Logger LOG = Logger.getLogger(AbandonedPods.class);

  private final KubernetesClient client;
  private final PodMarks marks;

  /** Writes through this client. */
  public AbandonedPods(KubernetesClient client) {
    this.client = client;
    this.marks = new PodMarks(client);
  }

  /** Whether Kueue keeps a pod that nobody has released yet. */
  public static boolean isKept(Pod pod) {
    return WorkerPodReader.read(pod)
        .filter(worker -> worker.isHeld() && (!worker.endsGroup() || worker.wasNeverPlaced()))
        .isPresent();
  }

  /** Releases a pod, unless the API server still has the job that owns it. */
  public void release(Pod pod) {
    Optional<WorkerPod> worker = WorkerPodReader.read(pod);
    if (worker.isEmpty() || hasOwner(pod)) {
      return;
    }
    String namespace = pod.getMetadata().getNamespace();
    String name = pod.getMetadata().getName();
    LOG.infof("releasing pod %s/%s: its job is gone", namespace, name);
    if (!worker.get().endsGroup()) {
      PodMarks.unlessGone(() -> marks.endGroup(pod));
    }
    if (worker.get().wasNeverPlaced()) {
      marks.declareDead(namespace, name, WorkerPod.WITHDRAWN, "its job is gone");
    }
  }

  private boolean hasOwner(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .map(OwnerReference::getName)
        .map(
            name ->
                client
                    .resources(MegalodonTrainingJob.class)
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(name)
                    .get())
        .anyMatch(job -> job != null && Ownership.owns(job, pod));
  }

  /** For logs: what is looked for. */
  @Override
  public String toString() {
    return "pods with finalizer " + KueueNames.FINALIZER + " whose job is gone";
  }
}
