package dev.megalodon.operator.testing;

import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands in for scheduler and kubelet where there is neither: places pods, makes them ready, and
 * lets those that are deleted leave with exit code 75. A test makes them fail.
 */
public final class PodController implements AutoCloseable {
  private static final String NODE = "node-a";

  private final KubernetesClient client;
  private final boolean binds;
  private final Set<String> heldBack = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * Starts.
   *
   * @param binds whether the API server has pods bound to nodes before it lets them end gracefully
   */
  public PodController(KubernetesClient client, boolean binds) {
    this.client = client;
    this.binds = binds;
    this.thread = Thread.ofPlatform().name("pod-controller").daemon().start(this::run);
  }

  /** Pods whose name begins so are not touched. */
  public void holdBack(String prefix) {
    heldBack.add(prefix);
  }

  /** The worker of a pod ends. */
  public void end(Pod pod, int exitCode, String reason, String message) {
    String now = now();
    ContainerState state =
        new ContainerStateBuilder()
            .withNewTerminated()
            .withExitCode(exitCode)
            .withReason(reason)
            .withMessage(message)
            .withStartedAt(now)
            .withFinishedAt(now)
            .endTerminated()
            .build();
    setStatus(pod, exitCode == 0 ? "Succeeded" : "Failed", "False", state);
  }

  /** A pod cannot start. */
  public void block(Pod pod, String reason, String message) {
    ContainerState state =
        new ContainerStateBuilder()
            .withNewWaiting()
            .withReason(reason)
            .withMessage(message)
            .endWaiting()
            .build();
    setStatus(pod, "Pending", "False", state);
  }

  private void run() {
    while (!stopped) {
      try {
        client
            .pods()
            .inAnyNamespace()
            .withLabel(Labels.MANAGED_BY, Labels.OPERATOR)
            .list()
            .getItems()
            .forEach(this::move);
        Thread.sleep(50);
      } catch (InterruptedException stopping) {
        return;
      } catch (KubernetesClientException raced) {
        // A pod changed or went meanwhile; the next round sees it.
      }
    }
  }

  private void move(Pod pod) {
    String name = pod.getMetadata().getName();
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    if (pod.isMarkedForDeletion()) {
      if (!"Failed".equals(phase) && !"Succeeded".equals(phase)) {
        end(pod, 75, "Error", "left on notice");
      }
      client.resource(pod).withGracePeriod(0).delete();
    } else if ((phase == null || "Pending".equals(phase))
        && heldBack.stream().noneMatch(name::startsWith)) {
      start(pod);
    }
  }

  private void start(Pod pod) {
    if (binds && pod.getSpec().getNodeName() == null) {
      client
          .bindings()
          .inNamespace(pod.getMetadata().getNamespace())
          .resource(
              new BindingBuilder()
                  .withNewMetadata()
                  .withName(pod.getMetadata().getName())
                  .endMetadata()
                  .withNewTarget()
                  .withKind("Node")
                  .withName(NODE)
                  .endTarget()
                  .build())
          .create();
    }
    ContainerState state =
        new ContainerStateBuilder().withNewRunning().withStartedAt(now()).endRunning().build();
    setStatus(pod, "Running", "True", state);
  }

  private void setStatus(Pod pod, String phase, String ready, ContainerState state) {
    client
        .resource(pod)
        .editStatus(
            old ->
                old.edit()
                    .editOrNewStatus()
                    .withPhase(phase)
                    .withPodIP("127.0.0.1")
                    .withConditions(condition("Ready", ready), condition("ContainersReady", ready))
                    .withContainerStatuses()
                    .addNewContainerStatus()
                    .withName(Labels.WORKER_CONTAINER)
                    .withImage("worker")
                    .withImageID("worker")
                    .withReady("True".equals(ready))
                    .withRestartCount(0)
                    .withState(state)
                    .endContainerStatus()
                    .endStatus()
                    .build());
  }

  private static PodCondition condition(String type, String status) {
    return new PodConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withLastTransitionTime(now())
        .build();
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  @Override
  public void close() {
    stopped = true;
    thread.interrupt();
  }
}
