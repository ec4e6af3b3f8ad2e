package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.operator.naming.JobId;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StuckPodsTest {
  private static final JobId JOB = new JobId("default", "story", "uid");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final PodEvent FAILED_MOUNT =
      new PodEvent(true, "FailedMount", "MountVolume.SetUp failed: secret \"token\" not found");

  private final List<String> asked = new ArrayList<>();
  private Optional<PodEvent> answer = Optional.of(FAILED_MOUNT);
  private final StuckPods stuck =
      new StuckPods(
          pod -> {
            asked.add(pod.getMetadata().getName());
            return answer;
          },
          new JobMemory());

  @Test
  void shouldAskNobodyWhileAPodMayStillStart() {
    StuckPods.Finding found = find(9, placed("story-0-1"));
    assertEquals(Map.of(), found.why());
    assertEquals(Optional.of(START.plusSeconds(10)), found.lookAgain());
    assertEquals(List.of(), asked);
  }

  @Test
  void shouldAskForOnePodAtATimeAndNotWithEveryPass() {
    Pod[] both = {placed("story-1-2"), placed("story-0-1")};
    Blocker why = find(10, both).why().get("story-0-1");
    assertEquals("SecretMissing", why == null ? "" : why.reason());
    assertEquals(Optional.of(START.plusSeconds(20)), find(15, both).lookAgain());
    assertTrue(find(19, both).why().containsKey("story-0-1"));
    assertEquals(List.of("story-0-1"), asked);
    answer = Optional.empty();
    assertEquals(Map.of(), find(20, both).why());
    assertEquals(List.of("story-0-1", "story-0-1"), asked);
  }

  @Test
  void shouldHaveNothingToSayOfAnEventThatIsNoTrouble() {
    answer = Optional.of(new PodEvent(false, "Scheduled", "assigned to node-1"));
    assertEquals(Map.of(), find(10, placed("story-0-1")).why());
  }

  @Test
  void shouldNotAskAboutAPodThatSpeaksForItself() {
    Pod gated = BlockerReaderTest.pod().editSpec().addNewSchedulingGate("queue").endSpec().build();
    StuckPods.Finding found = find(60, gated);
    assertEquals(new StuckPods.Finding(Map.of(), Optional.empty()), found);
    assertEquals(List.of(), asked);
  }

  @Test
  void shouldNameASchedulerThatIsSilent() {
    Pod pod = BlockerReaderTest.pod().editSpec().withSchedulerName("not-there").endSpec().build();
    assertEquals(Optional.of(START.plusSeconds(10)), find(9, pod).lookAgain());
    StuckPods.Finding found = find(10, pod);
    assertEquals(Optional.empty(), found.lookAgain());
    Blocker why = found.told(pod).orElseThrow();
    assertEquals("NotScheduled", why.reason());
    assertTrue(why.message().contains("scheduler not-there says nothing"), why.message());
    assertTrue(why.message().contains("claims of this pod: checkpoints"), why.message());
    assertEquals(List.of(), asked);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FailedMount | MountVolume.SetUp failed for volume "x" : configmap "settings" not found | ConfigMapMissing
          FailedMount | MountVolume.SetUp failed for volume "x" : references non-existent secret key: a | SecretMissing
          FailedMount | MountVolume.SetUp failed for volume "x" : hostPath type check failed: /data is not a directory | VolumeNotMounted
          FailedAttachVolume | Multi-Attach error for volume "pvc-1" | VolumeNotMounted
          FailedCreatePodSandBox | no runtime for "gvisor" is configured | SandboxFailed
          InspectFailed | Failed to inspect image | InspectFailed
          """)
  void shouldKnowWhatAnEventMeans(String event, String words, String reason) {
    answer = Optional.of(new PodEvent(true, event, words));
    Blocker why = find(10, placed("story-0-1")).why().get("story-0-1");
    assertEquals(reason, why == null ? "" : why.reason());
    assertTrue(why != null && why.message().startsWith(words), () -> "" + why);
  }

  @Test
  void shouldSayThatAnImageIsBeingPulled() {
    answer = Optional.of(new PodEvent(false, "Pulling", "Pulling image \"big:1\""));
    assertEquals(
        "PullingImage",
        find(10, placed("story-0-1")).told(placed("story-0-1")).orElseThrow().reason());
  }

  private StuckPods.Finding find(long second, Pod... pods) {
    return stuck.find(JOB, List.of(pods), START.plusSeconds(second));
  }

  private static Pod placed(String name) {
    return BlockerReaderTest.pod()
        .editMetadata()
        .withName(name)
        .endMetadata()
        .editStatus()
        .addNewCondition()
        .withType("PodScheduled")
        .withStatus("True")
        .withLastTransitionTime(START.toString())
        .endCondition()
        .endStatus()
        .build();
  }
}
