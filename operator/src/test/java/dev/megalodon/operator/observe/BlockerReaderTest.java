package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockerReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0/3 nodes are available: persistentvolumeclaim "nope" not found. not found | ClaimMissing
          0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found | ClaimUnbound
          0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind. | ClaimUnbound
          0/3 nodes are available: 3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. | ClaimInUse
          0/3 nodes are available: 3 node(s) had volume node affinity conflict. | VolumeNodeMismatch
          0/3 nodes are available: 3 Insufficient nvidia.com/gpu. no new claims to deallocate | InsufficientGpu
          0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 Insufficient nvidia.com/gpu. | InsufficientGpu
          0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. | InsufficientMemory
          0/3 nodes are available: 3 Insufficient cpu. | InsufficientCpu
          0/3 nodes are available: 3 Insufficient ephemeral-storage. | InsufficientResources
          0/3 nodes are available: 3 Too many pods. | InsufficientResources
          0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. | PortTaken
          0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. | PodAffinityMismatch
          0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. | NodeSelectorMismatch
          0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: tests}. | UntoleratedTaint
          0/3 nodes are available: 3 node(s) were unschedulable. | NodesCordoned
          no nodes available to schedule pods | Unschedulable
          """)
  void shouldKnowWhatTheSchedulerMeans(String words, String reason) {
    Pod pod =
        pod()
            .editStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage(words)
            .endCondition()
            .endStatus()
            .build();
    Blocker why = blocker(pod).orElseThrow();
    assertEquals(reason, why.reason());
    assertTrue(why.message().startsWith(words.replaceAll("\\.$", "")), why.message());
    assertTrue(why.message().contains("; way out: "), why.message());
  }

  @Test
  void shouldNameTheClaimsThatTheSchedulerDoesNot() {
    Pod pod =
        pod()
            .editStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withMessage("pod has unbound immediate PersistentVolumeClaims")
            .endCondition()
            .endStatus()
            .build();
    assertTrue(blocker(pod).orElseThrow().message().contains("(claims of this pod: checkpoints)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ErrImagePull | failed to resolve reference "nope:1": not found | ImagePullBackOff | image nope:1 cannot be pulled: failed to resolve reference "nope:1": not found;
          ImagePullBackOff | Back-off pulling image "nope:1": ErrImagePull: failed to resolve reference "nope:1": not found | ImagePullBackOff | image nope:1 cannot be pulled: failed to resolve reference "nope:1": not found;
          ImagePullBackOff | Back-off pulling image "nope:1" | ImagePullBackOff | image nope:1 cannot be pulled: Back-off
          InvalidImageName | couldn't parse image name "No:::": invalid reference format | InvalidImageName | nope:1: couldn't parse
          ErrImageNeverPull | Container image "nope:1" is not present with pull policy of Never | ErrImageNeverPull | Container image "nope:1" is not present
          CreateContainerConfigError | secret "token" not found | SecretMissing | container worker: secret "token" not found;
          CreateContainerConfigError | couldn't find key password in Secret default/token | SecretMissing | container worker: couldn't find key password
          CreateContainerConfigError | configmap "settings" not found | ConfigMapMissing | container worker: configmap
          CreateContainerConfigError | couldn't find key a in ConfigMap default/settings | ConfigMapMissing | container worker: couldn't
          CreateContainerError | context deadline exceeded | CreateContainerError | context deadline exceeded
          """)
  void shouldKnowWhatAContainerWaitsFor(
      String waiting, String words, String reason, String message) {
    Blocker why = blocker(waiting(waiting, words)).orElseThrow();
    assertEquals(reason, why.reason());
    assertTrue(why.message().startsWith(message), why.message());
  }

  @Test
  void shouldNotCallAnOrdinaryStartAnObstacle() {
    assertEquals(Optional.empty(), blocker(waiting("ContainerCreating", "")));
    assertEquals(Optional.empty(), blocker(pod().build()));
  }

  @Test
  void shouldNameTheGate() {
    Pod pod = pod().editSpec().addNewSchedulingGate("example.org/later").endSpec().build();
    assertEquals(
        Optional.of(new Blocker("SchedulingGated", "waits for admission by example.org/later")),
        blocker(pod));
  }

  @Test
  void shouldNameTheInitContainerThatRuns() {
    Pod pod =
        withInit(new ContainerStateBuilder().withNewRunning().endRunning().build(), "Pending");
    Blocker why = blocker(pod).orElseThrow();
    assertEquals("Initializing", why.reason());
    assertTrue(why.message().startsWith("init container fetch still runs"), why.message());
  }

  @Test
  void shouldGiveTheLastWordsOfTheInitContainerThatFailed() {
    ContainerState end =
        new ContainerStateBuilder()
            .withNewTerminated()
            .withExitCode(3)
            .withReason("Error")
            .withMessage("no route to the bucket\n")
            .endTerminated()
            .build();
    WorkerPod worker = WorkerPodReader.read(withInit(end, "Failed")).orElseThrow();
    assertEquals(Optional.of("InitContainerFailed"), worker.reason());
    assertEquals(
        "init container fetch ended with exit code 3: no route to the bucket", worker.message());
  }

  private static Optional<Blocker> blocker(Pod pod) {
    return WorkerPodReader.read(pod).orElseThrow().blocker();
  }

  private static Pod waiting(String reason, String words) {
    return pod()
        .editStatus()
        .addNewContainerStatus()
        .withName("worker")
        .withImage("nope:1")
        .withNewState()
        .withNewWaiting()
        .withReason(reason)
        .withMessage(words)
        .endWaiting()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod withInit(ContainerState state, String phase) {
    return pod()
        .editStatus()
        .withPhase(phase)
        .addNewCondition()
        .withType("Initialized")
        .withStatus("False")
        .endCondition()
        .addNewInitContainerStatus()
        .withName("fetch")
        .withState(state)
        .endInitContainerStatus()
        .endStatus()
        .build();
  }

  /** A pod that was just created, with a claim. */
  static PodBuilder pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("story-0-1")
        .withNamespace("default")
        .withCreationTimestamp("2026-01-01T00:00:00Z")
        .addToLabels(Labels.RANK, "0")
        .addToLabels(Labels.INCARNATION, "1")
        .endMetadata()
        .withNewSpec()
        .withSchedulerName("default-scheduler")
        .addNewVolume()
        .withName("checkpoints")
        .withNewPersistentVolumeClaim("checkpoints", false)
        .endVolume()
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus();
  }
}
