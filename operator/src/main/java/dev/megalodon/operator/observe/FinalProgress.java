package dev.megalodon.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a worker that is done left as its last words: how the training ended, whether or not anybody
 * asked between its last step and its end.
 */
final class FinalProgress {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private FinalProgress() {}

  /** The last words of the job's newest rank 0, if it is done and left some. */
  static Optional<ObservedProgress> of(JobId job, List<WorkerPod> pods) {
    return pods.stream()
        .filter(pod -> pod.rank() == 0 && pod.life() == WorkerPod.Life.SUCCEEDED)
        .map(WorkerPod::termination)
        .flatMap(Optional::stream)
        .map(FinalProgress::read)
        .flatMap(Optional::stream)
        .filter(observed -> observed.progress().jobUid().equals(job.uid()))
        .findFirst();
  }

  private static Optional<ObservedProgress> read(Termination termination) {
    try {
      Progress progress = JSON.readValue(termination.message(), Progress.class);
      return Optional.of(
          new ObservedProgress(progress, termination.finishedAt().orElse(Instant.EPOCH)));
    } catch (JsonProcessingException notProgress) {
      return Optional.empty();
    }
  }
}
