package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.Recovery;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Takes down when a rank was lost, and when training went on. */
final class Comeback {
  private final Clock clock;
  private Optional<Loss> loss = Optional.empty();
  private String openedAt;
  private Optional<Recovery> recovery = Optional.empty();

  private record Loss(String reason, String at) {}

  Comeback(Clock clock) {
    this.clock = clock;
    this.openedAt = now();
  }

  /** This rank left an epoch; of several losses without a step between them the first counts. */
  void lost(String reason) {
    if (loss.isEmpty()) {
      loss = Optional.of(new Loss(reason, now()));
    }
  }

  /** All ranks have met. */
  void met() {
    openedAt = now();
  }

  /**
   * All ranks have the state to go on from.
   *
   * @param step steps in it
   * @param reached steps that were finished before, by any process of the job
   * @return empty when a run begins
   */
  Optional<Recovery> loaded(Recovery.Source source, long step, long reached) {
    boolean begins = source == Recovery.Source.BEGINNING && reached == 0 && loss.isEmpty();
    recovery =
        begins
            ? Optional.empty()
            : Optional.of(
                new Recovery(
                    loss.map(Loss::reason).orElse(null),
                    source,
                    Math.max(0, reached - step),
                    loss.map(Loss::at).orElse(null),
                    openedAt,
                    now(),
                    null));
    return recovery;
  }

  /** A step is done; returns the recovery if it was the first since a loss. */
  Optional<Recovery> stepDone() {
    loss = Optional.empty();
    Optional<Recovery> first =
        recovery
            .filter(open -> open.firstStepAt() == null)
            .map(
                open ->
                    new Recovery(
                        open.reason(),
                        open.source(),
                        open.lostSteps(),
                        open.lostAt(),
                        open.openedAt(),
                        open.loadedAt(),
                        now()));
    recovery = first.isPresent() ? first : recovery;
    return first;
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
