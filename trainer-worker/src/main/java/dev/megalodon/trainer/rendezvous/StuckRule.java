package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Activity;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides from what all ranks of an open epoch say they do whether one of them holds up the rest
 * for good. Knows neither clock nor network.
 *
 * @param bounds how long is too long
 */
record StuckRule(StuckBounds bounds) {

  /** What is wrong. */
  sealed interface Verdict {
    /** One sentence. */
    String reason();

    /** These ranks compute for too long while all others wait for them. */
    record Stuck(Set<Integer> ranks, String reason) implements Verdict {}

    /** All wait for each other and nothing moves. */
    record ExchangeBroken(String reason) implements Verdict {}
  }

  /**
   * Judges an epoch. Nobody is blamed as long as one rank does what nobody can tell the time of, or
   * computes within its limit: it may be the one that the others wait for.
   *
   * @param activities what every rank of the epoch does
   */
  Optional<Verdict> judge(SortedMap<Integer, Activity> activities) {
    long usual = usualNanos(activities.values());
    SortedMap<Integer, Activity> overdue = new TreeMap<>(activities);
    overdue.values().removeIf(activity -> !computesTooLong(activity, usual));
    long waiting = activities.values().stream().filter(this::waits).count();
    if (waiting == 0 || overdue.size() + waiting < activities.size()) {
      return Optional.empty();
    }
    return overdue.isEmpty() ? exchange(activities.values()) : Optional.of(stuck(overdue));
  }

  /**
   * Whether a connected rank should have come to the rendezvous by now.
   *
   * @param missingNanos for how long the others have been waiting for it there
   */
  boolean overdue(Activity activity, long usualNanos, long missingNanos) {
    return switch (activity.state()) {
      case OTHER -> missingNanos >= bounds.unmeasured().toNanos();
      case WAITING -> missingNanos >= bounds.computing().toNanos();
      case COMPUTING -> computesTooLong(activity, usualNanos);
    };
  }

  /** The longest that any of these ranks computed of late for work that one of them is at. */
  static long usualNanos(Collection<Activity> activities) {
    return activities.stream().mapToLong(Activity::usualNanos).max().orElse(0);
  }

  private boolean computesTooLong(Activity activity, long usualNanos) {
    return activity.state() == Activity.State.COMPUTING
        && activity.quietNanos() >= limitNanos(activity, usualNanos);
  }

  private long limitNanos(Activity activity, long usualNanos) {
    return activity.usualNanos() == 0
        ? bounds.unmeasured().toNanos()
        : Math.max(bounds.computing().toNanos(), bounds.factor() * usualNanos);
  }

  private boolean waits(Activity activity) {
    return activity.state() == Activity.State.WAITING
        && activity.quietNanos() >= bounds.computing().toNanos();
  }

  private static Verdict stuck(SortedMap<Integer, Activity> overdue) {
    return new Verdict.Stuck(
        overdue.keySet(),
        overdue.entrySet().stream()
            .map(StuckRule::describe)
            .collect(Collectors.joining("; ", "", " while all others wait")));
  }

  private static String describe(Map.Entry<Integer, Activity> rank) {
    return "rank %d makes no progress: %s".formatted(rank.getKey(), rank.getValue().sentence());
  }

  private Optional<Verdict> exchange(Collection<Activity> activities) {
    long quiet = activities.stream().mapToLong(Activity::quietNanos).min().orElse(0);
    return quiet < bounds.exchange().toNanos()
        ? Optional.empty()
        : Optional.of(
            new Verdict.ExchangeBroken(
                "no message has moved between ranks for %.1f s and all of them wait"
                    .formatted(quiet / 1e9)));
  }
}
