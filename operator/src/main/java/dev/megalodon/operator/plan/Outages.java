package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.crds.v1alpha1.TimeStatus;
import dev.megalodon.operator.status.Attempts;
import dev.megalodon.operator.status.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the account of a job's time. Losses that overlap are one outage; a start is an outage too.
 * Each is added up in the status when it ends, so the account is right however long the run is.
 */
final class Outages {
  private Outages() {}

  /** No steps are made since then, or since earlier. */
  static void open(Pass pass, Instant since) {
    TimeStatus time = pass.status.time();
    Instant first = outage(time).filter(since::isAfter).orElse(since);
    pass.status.time(account(time.activeSeconds(), time.lostSeconds(), first));
  }

  /**
   * An outage that somebody asked for and that ends all workers. It is one attempt, of rank 0, and
   * the incarnation that rank 0 then has tells it from others.
   */
  static void announced(Pass pass, String cause, String why) {
    pass.status
        .rank(0)
        .map(rank -> announcement(pass, rank, cause, why))
        .filter(
            entry -> pass.status.attempts().stream().noneMatch(old -> Attempts.isSame(old, entry)))
        .ifPresent(
            entry -> {
              pass.status.addAttempt(entry);
              open(pass, pass.now);
            });
  }

  private static AttemptStatus announcement(Pass pass, RankStatus rank, String cause, String why) {
    return Attempts.booked(
        0, rank.incarnation(), cause, why, null, false, Optional.empty(), pass.now);
  }

  /**
   * Steps are made again.
   *
   * @param until since when
   * @param repeatedSeconds what it takes to make steps again that had been made
   */
  static void close(Pass pass, Instant until, double repeatedSeconds) {
    TimeStatus time = pass.status.time();
    double lost = outage(time).map(since -> seconds(since, until)).orElse(0.0) + repeatedSeconds;
    pass.status.time(account(time.activeSeconds(), time.lostSeconds() + lost, null));
  }

  /** The job is suspended and nothing runs: from here on its time does not count. */
  static void rest(Pass pass) {
    Optional<Instant> start = pass.status.startTime();
    if (start.isPresent()) {
      close(pass, pass.now, 0);
      TimeStatus time = pass.status.time();
      double active = time.activeSeconds() + seconds(start.get(), pass.now);
      pass.status.time(account(active, time.lostSeconds(), null));
      pass.status.clearStartTime();
    }
  }

  /** Share of the active time that went into steps that count; empty before the first of them. */
  static Optional<Integer> goodput(Pass pass) {
    TimeStatus time = pass.status.time();
    double active =
        time.activeSeconds()
            + pass.status.startTime().map(start -> seconds(start, pass.now)).orElse(0.0);
    boolean neverRan = time.lostSeconds() == 0 && outage(time).isPresent();
    if (active <= 0 || neverRan) {
      return Optional.empty();
    }
    double lost =
        time.lostSeconds() + outage(time).map(since -> seconds(since, pass.now)).orElse(0.0);
    return Optional.of((int) Math.round(100 * Math.max(0, 1 - lost / active)));
  }

  private static Optional<Instant> outage(TimeStatus time) {
    return Times.parse(time.outageSince());
  }

  private static TimeStatus account(double active, double lost, @Nullable Instant outageSince) {
    return new TimeStatus(
        rounded(active),
        rounded(lost),
        Optional.ofNullable(outageSince).map(Times::millis).orElse(null));
  }

  private static double rounded(double seconds) {
    return Math.round(1000 * seconds) / 1000.0;
  }

  /** Never negative, whatever two machines' clocks say. */
  private static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis()) / 1000.0;
  }
}
