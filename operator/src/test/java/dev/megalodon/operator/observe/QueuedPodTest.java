package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods as Kueue's webhook and controller leave them. */
class QueuedPodTest {
  private final Pod gated =
      new PodBuilder()
          .withNewMetadata()
          .withName("story-0-1")
          .addToLabels(Labels.RANK, "0")
          .addToLabels(Labels.INCARNATION, "1")
          .addToLabels(KueueNames.QUEUE, "team")
          .addToLabels(KueueNames.GROUP, "story-12345678-1")
          .addToAnnotations(KueueNames.GROUP_SIZE, "2")
          .withFinalizers(KueueNames.FINALIZER)
          .endMetadata()
          .withNewSpec()
          .addNewSchedulingGate(KueueNames.GATE)
          .endSpec()
          .withNewStatus()
          .withPhase("Pending")
          .addNewCondition()
          .withType("PodScheduled")
          .withStatus("False")
          .withReason("SchedulingGated")
          .endCondition()
          .endStatus()
          .build();

  @Test
  void shouldSayWhichQueueItWaitsInAndWhoKnowsMore() {
    WorkerPod pod = read(gated);
    assertTrue(pod.isQueued());
    assertEquals(
        "admission by Kueue is pending in queue team; kubectl describe workload story-12345678-1"
            + " says why",
        pod.blocker().orElseThrow().message());
  }

  @Test
  void shouldKnowItsGroup() {
    assertEquals(
        Optional.of(new GroupMembership("story-12345678-1", 2, false, true)),
        read(gated).membership());
    Pod over =
        gated
            .edit()
            .editMetadata()
            .addToAnnotations(KueueNames.RETRIABLE, "false")
            .withFinalizers("other.example.com/finalizer")
            .endMetadata()
            .build();
    assertEquals(
        Optional.of(new GroupMembership("story-12345678-1", 2, true, false)),
        read(over).membership());
  }

  @Test
  void shouldTakeKueuesWordForWhyItEnds() {
    Pod preempted =
        gated
            .edit()
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .editSpec()
            .withNodeName("node-a")
            .withSchedulingGates()
            .endSpec()
            .editStatus()
            .withPhase("Running")
            .addNewCondition()
            .withType(KueueNames.TERMINATION_TARGET)
            .withStatus("True")
            .withReason("WorkloadEvictedDueToPreempted")
            .withMessage("Preempted to accommodate a workload")
            .endCondition()
            .endStatus()
            .build();
    WorkerPod pod = read(preempted);
    assertFalse(pod.isQueued());
    assertEquals(Optional.of("WorkloadEvictedDueToPreempted"), pod.disruption());
    assertEquals("Preempted to accommodate a workload", pod.message());
    assertFalse(pod.isOnlyHeld(), "it runs");
    assertTrue(
        read(preempted.edit().editStatus().withPhase("Failed").endStatus().build()).isOnlyHeld());
  }

  private static WorkerPod read(Pod pod) {
    return WorkerPodReader.read(pod).orElseThrow();
  }
}
