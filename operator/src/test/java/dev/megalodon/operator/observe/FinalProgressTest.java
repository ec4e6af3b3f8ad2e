package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.testing.TestPods;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FinalProgressTest {
  private static final JobId JOB = new JobId("ns", "story", "uid-1");
  private static final Instant END = Instant.parse("2026-01-01T00:10:00Z");
  private static final String LAST_WORDS =
      """
      {"jobUid":"uid-1","rank":0,"incarnation":4,"phase":"COMPLETE","epoch":1,"step":400,
       "totalSteps":400,"tokens":1228800,"loss":0.97,"checkpointStep":400,"resumedFromStep":0,
       "message":"all 400 steps are done","fieldOfALaterVersion":1}
      """;

  @Test
  void shouldReadHowTheTrainingEnded() {
    WorkerPod done = TestPods.ready(0, 4, END).ended(0, "Completed", LAST_WORDS, END).pod();
    Optional<ObservedProgress> read = FinalProgress.of(JOB, List.of(done));
    assertEquals(Optional.of(400L), read.map(observed -> observed.progress().checkpointStep()));
    assertEquals(Optional.of(END), read.map(ObservedProgress::at));
  }

  @Test
  void shouldNotBelieveAnotherJobsWorker() {
    WorkerPod done = TestPods.ready(0, 4, END).ended(0, "Completed", LAST_WORDS, END).pod();
    JobId recreated = new JobId("ns", "story", "uid-2");
    assertEquals(Optional.empty(), FinalProgress.of(recreated, List.of(done)));
  }

  @Test
  void shouldReadNothingFromAnErrorOrAnotherRank() {
    WorkerPod failed = TestPods.ready(0, 4, END).ended(1, "Error", LAST_WORDS, END).pod();
    WorkerPod other = TestPods.ready(1, 5, END).ended(0, "Completed", LAST_WORDS, END).pod();
    WorkerPod silent = TestPods.ready(0, 6, END).ended(0, "Completed", "", END).pod();
    assertEquals(Optional.empty(), FinalProgress.of(JOB, List.of(failed, other, silent)));
  }
}
