package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.StragglerStatus;
import dev.megalodon.operator.observe.SlowRank;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;

/** Names the ranks that slow the job down, and only those that do so for a while. */
final class Stragglers {
  private static final MathContext TWO_DIGITS = new MathContext(2);

  /** A number in the status is replaced when it is this much off. */
  private static final double WORTH_A_WRITE = 0.2;

  private Stragglers() {}

  /** Takes the newest times of ranks into the status; without any, what is there stays. */
  static void describe(Pass pass) {
    pass.snapshot.slow().ifPresent(slow -> pass.status.stragglers(named(pass, slow)));
  }

  private static List<StragglerStatus> named(Pass pass, List<SlowRank> slow) {
    return slow.stream()
        .filter(rank -> isLasting(pass, rank) || before(pass, rank).isPresent())
        .limit(MegalodonTrainingJobStatus.MAX_STRAGGLERS)
        .map(rank -> before(pass, rank).filter(old -> isNear(old, rank)).orElse(entry(rank)))
        .toList();
  }

  private static boolean isLasting(Pass pass, SlowRank rank) {
    return rank.lasting().compareTo(pass.limits.straggling()) >= 0;
  }

  private static Optional<StragglerStatus> before(Pass pass, SlowRank rank) {
    return pass.status.stragglers().stream()
        .filter(named -> named.rank() == rank.rank())
        .findFirst();
  }

  private static boolean isNear(StragglerStatus old, SlowRank fresh) {
    return Math.abs(old.ratio() - fresh.ratio()) <= WORTH_A_WRITE * old.ratio();
  }

  private static StragglerStatus entry(SlowRank rank) {
    return new StragglerStatus(rank.rank(), rounded(rank.ratio()), rounded(rank.computeSeconds()));
  }

  private static double rounded(double value) {
    return BigDecimal.valueOf(value).round(TWO_DIGITS).doubleValue();
  }
}
