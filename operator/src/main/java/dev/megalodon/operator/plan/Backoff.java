package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.FailurePolicySpec;
import dev.megalodon.operator.naming.JobId;
import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;

/** How long a rank waits before it is started again. */
final class Backoff {
  private static final double JITTER = 0.2;

  private Backoff() {}

  /**
   * {@code initial · 2^(failures − 1)}, at most {@code max}, spread by ± 20 % so that ranks that
   * failed together do not come back together. The spread is a function of job, rank and
   * incarnation: planning twice gives the same time.
   *
   * @param failures failures of the rank in a row, from 1; 0 waits for nothing
   */
  static Duration delay(
      FailurePolicySpec.Backoff policy, int failures, JobId job, int rank, long incarnation) {
    if (failures <= 0) {
      return Duration.ZERO;
    }
    double doubled = policy.initialSeconds() * Math.pow(2, Math.min(failures - 1, 40));
    double seconds = Math.min(doubled, policy.maxSeconds());
    long seed = Objects.hash(job.uid(), rank, incarnation);
    double spread = 1 + JITTER * (2 * new SplittableRandom(seed).nextDouble() - 1);
    return Duration.ofMillis(Math.round(1000 * seconds * spread));
  }
}
