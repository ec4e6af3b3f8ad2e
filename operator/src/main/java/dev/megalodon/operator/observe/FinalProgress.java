package dev.megalodon.operator.observe;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How far a job was when its rank 0 ended in good order, done or on notice. Nobody can ask it any
 * more, and what it saved last was told to nobody else.
 */
final class FinalProgress {
  /** The kubelet tells times by the second. */
  private static final Duration KUBELET_TIME = Duration.ofSeconds(1);

  private FinalProgress() {}

  /** The last words of the job's newest rank 0, unless another rank went on and answered since. */
  static Optional<ObservedProgress> of(
      JobId job, List<WorkerPod> pods, Optional<ObservedProgress> answer) {
    return pods.stream()
        .filter(pod -> pod.rank() == 0)
        .max(Comparator.comparingLong(WorkerPod::incarnation))
        .flatMap(WorkerPod::termination)
        .flatMap(FinalProgress::read)
        .filter(last -> last.progress().jobUid().equals(job.uid()))
        .filter(last -> answer.filter(newer -> isNewer(newer, last)).isEmpty())
        .or(() -> answer);
  }

  private static boolean isNewer(ObservedProgress answer, ObservedProgress last) {
    return last.progress().phase() != Progress.Phase.COMPLETE
        && answer.at().isAfter(last.at().plus(KUBELET_TIME));
  }

  private static Optional<ObservedProgress> read(Termination end) {
    return end.progress()
        .map(last -> new ObservedProgress(last, end.finishedAt().orElse(Instant.EPOCH)));
  }
}
