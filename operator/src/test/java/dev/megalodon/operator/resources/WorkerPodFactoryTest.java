package dev.megalodon.operator.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.testing.TestJobs;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerPodFactoryTest {
  private static final WorkerPodFactory FACTORY =
      new WorkerPodFactory(
          new WorkerDefaults("image", Optional.empty(), List.of(), "512Mi", 10_001));

  private final Pod pod = FACTORY.pod(TestJobs.job(), 1, 2, Optional.empty());

  @Test
  void shouldEndAFrozenProcessLongBeforeTheGracePeriodOfOneThatSaves() {
    Container worker = pod.getSpec().getContainers().getFirst();
    Probe liveness = worker.getLivenessProbe();
    long seconds =
        (long) liveness.getPeriodSeconds() * liveness.getFailureThreshold()
            + liveness.getTimeoutSeconds()
            + liveness.getTerminationGracePeriodSeconds();
    assertTrue(seconds <= 40, seconds + " s");
    assertEquals(5, worker.getStartupProbe().getTerminationGracePeriodSeconds());
    assertNull(worker.getReadinessProbe().getTerminationGracePeriodSeconds(), "not allowed there");
    assertEquals(120, pod.getSpec().getTerminationGracePeriodSeconds());
  }

  @Test
  void shouldSayNothingToAQueueOrAGangUnlessAsked() {
    assertEquals(
        List.of(),
        pod.getMetadata().getLabels().keySet().stream()
            .filter(label -> label.contains("kueue") || label.contains("scheduling"))
            .toList());
    assertEquals(Map.of(), pod.getMetadata().getAnnotations());
    assertNull(pod.getSpec().getSchedulerName());
  }

  @Test
  void shouldMakeAllWorkersOfAQueueLookAlike() {
    MegalodonTrainingJob job = scheduled(Map.of("queueName", "team", "gang", "none"));
    Pod one = FACTORY.pod(job, 0, 1, Optional.of("group"));
    Pod other = FACTORY.pod(job, 1, 7, Optional.of("group"));
    assertEquals("team", one.getMetadata().getLabels().get(KueueNames.QUEUE));
    assertEquals(Map.of(KueueNames.GROUP_SIZE, "2"), one.getMetadata().getAnnotations());
    assertEquals(shape(one), shape(other));
  }

  /** What Kueue takes for the shape of a pod: see SpecShape in its pkg/util/pod/pod.go. */
  private static List<@Nullable Object> shape(Pod pod) {
    Container worker = pod.getSpec().getContainers().getFirst();
    return Arrays.asList(
        pod.getSpec().getContainers().size(),
        pod.getSpec().getInitContainers(),
        worker.getResources(),
        worker.getPorts(),
        pod.getSpec().getNodeSelector(),
        pod.getSpec().getAffinity(),
        pod.getSpec().getTolerations(),
        pod.getSpec().getRuntimeClassName(),
        pod.getSpec().getPriorityClassName(),
        pod.getSpec().getTopologySpreadConstraints(),
        pod.getSpec().getOverhead(),
        pod.getSpec().getResourceClaims());
  }

  @Test
  void shouldMakeWorkersMembersOfAVolcanoGang() {
    MegalodonTrainingJob job = scheduled(Map.of("gang", "volcano", "priorityClassName", "high"));
    Pod member = FACTORY.pod(job, 0, 1, Optional.empty());
    assertEquals("volcano", member.getSpec().getSchedulerName());
    assertEquals(
        Map.of("scheduling.k8s.io/group-name", "story"), member.getMetadata().getAnnotations());
    GangGroup gang = GangGroup.of(job).orElseThrow();
    assertEquals("scheduling.volcano.sh/v1beta1", gang.resource().getApiVersion());
    assertEquals("story", gang.resource().getMetadata().getName());
    assertEquals(
        Map.of("minMember", 2, "priorityClassName", "high"), gang.resource().<Object>get("spec"));
  }

  @Test
  void shouldLeaveQueuesToTheFieldThatIsMadeForThem() {
    assertEquals(
        List.of(
            "spec.worker.template.metadata.labels.kueue.x-k8s.io/queue-name is set by the operator"),
        TemplateRules.violations(
            Map.of("metadata", Map.of("labels", Map.of(KueueNames.QUEUE, "team")))));
    assertEquals(
        List.of(),
        TemplateRules.violations(
            Map.of("metadata", Map.of("labels", Map.of("kueue.x-k8s.io/priority-class", "high")))));
  }

  private static MegalodonTrainingJob scheduled(Map<String, String> scheduling) {
    MegalodonTrainingJob job = TestJobs.job();
    job.setSpec(TestJobs.with(job.getSpec(), "scheduling", scheduling));
    return job;
  }

  @Test
  void shouldNotShowWorkersWhatOnlyTheOperatorActsOn() {
    String document = SpecDocument.of(TestJobs.job().getSpec()).json();
    assertTrue(document.contains("rejoinSeconds"), document);
    for (String own : List.of("maxRestarts", "progressRefundsBudget", "stragglerRatio")) {
      assertTrue(!document.contains(own), own);
    }
  }
}
