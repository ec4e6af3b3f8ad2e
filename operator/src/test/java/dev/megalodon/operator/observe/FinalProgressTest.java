package dev.megalodon.operator.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.testing.TestPods;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FinalProgressTest {
  private static final JobId JOB = new JobId("ns", "story", "uid-1");
  private static final Instant END = Instant.parse("2026-01-01T00:10:00Z");
  private static final int ON_NOTICE = 75;

  private static String words(String phase, long step) {
    return """
        {"jobUid":"uid-1","rank":0,"incarnation":4,"phase":"%s","epoch":1,"step":%2$d,\
        "totalSteps":400,"tokens":1228800,"loss":0.97,"checkpointStep":%2$d,"resumedFromStep":0,\
        "message":"all 400 steps are done","fieldOfALaterVersion":1}
        """
        .formatted(phase, step);
  }

  private static WorkerPod done() {
    return TestPods.ready(0, 4, END).ended(0, "Completed", words("COMPLETE", 400), END).pod();
  }

  private static WorkerPod leftOnNotice() {
    String message = "left on notice after step 120\n" + words("TRAINING", 120);
    return TestPods.ready(0, 4, END).ended(ON_NOTICE, "Error", message, END).pod();
  }

  private static Optional<ObservedProgress> answer(long incarnation, Instant at) {
    return Optional.of(new ObservedProgress(Progress.starting("uid-1", 1, incarnation, 400), at));
  }

  private static Optional<Long> checkpoint(Optional<ObservedProgress> read) {
    return read.map(observed -> observed.progress().checkpointStep());
  }

  @Test
  void shouldReadHowTheTrainingEnded() {
    Optional<ObservedProgress> read =
        FinalProgress.of(JOB, List.of(done()), answer(5, END.plusSeconds(9)));
    assertEquals(Optional.of(400L), checkpoint(read));
    assertEquals(Optional.of(END), read.map(ObservedProgress::at));
  }

  @Test
  void shouldReadWhatWasSavedOnNotice() {
    WorkerPod left = leftOnNotice();
    assertEquals(
        Optional.of("left on notice after step 120"), left.termination().map(Termination::message));
    Optional<ObservedProgress> read =
        FinalProgress.of(JOB, List.of(left), answer(4, END.minusSeconds(3)));
    assertEquals(Optional.of(120L), checkpoint(read));
  }

  @Test
  void shouldBelieveWhoAnsweredSince() {
    Optional<ObservedProgress> since = answer(5, END.plusSeconds(2));
    assertEquals(since, FinalProgress.of(JOB, List.of(leftOnNotice()), since));
  }

  @Test
  void shouldForgetThemOnceAnotherRankZeroRuns() {
    Optional<ObservedProgress> before = answer(5, END.minusSeconds(5));
    WorkerPod next = TestPods.ready(0, 6, END).pod();
    assertEquals(before, FinalProgress.of(JOB, List.of(leftOnNotice(), next), before));
  }

  @Test
  void shouldNotBelieveAnotherJobsWorker() {
    JobId recreated = new JobId("ns", "story", "uid-2");
    assertEquals(Optional.empty(), FinalProgress.of(recreated, List.of(done()), Optional.empty()));
  }

  @Test
  void shouldReadNothingFromAnErrorOrAnotherRank() {
    WorkerPod other =
        TestPods.ready(1, 5, END).ended(0, "Completed", words("COMPLETE", 400), END).pod();
    WorkerPod silent = TestPods.ready(0, 6, END).ended(1, "Error", "{no progress", END).pod();
    assertEquals(Optional.empty(), FinalProgress.of(JOB, List.of(other, silent), Optional.empty()));
  }
}
