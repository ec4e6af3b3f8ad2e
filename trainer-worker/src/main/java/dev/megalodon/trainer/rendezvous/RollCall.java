package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.StepTimes;
import dev.megalodon.trainer.parallel.Ticker;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Who of all ranks is here, who is missing, why and since when, and what each says it does. The
 * coordinator's thread calls everything, except {@link #absent} and {@link #times}, which any
 * thread may.
 */
final class RollCall {
  private static final Comparator<RankTimes> SLOWEST_FIRST =
      Comparator.comparingDouble(RankTimes::computeSeconds)
          .reversed()
          .thenComparingInt(RankTimes::rank);

  private final int worldSize;
  private final StuckRule rule;
  private final Ticker ticker;
  private final SortedMap<Integer, Attendee> attendees = new TreeMap<>();
  private boolean open;
  private volatile List<Missing> missing = List.of();
  private volatile List<RankTimes> times = List.of();

  /** How a rank stands to the next epoch, or to the one that is open. */
  private sealed interface Standing {
    /** Its process is not connected. */
    record Away(AbsentRank.Cause cause, String reason) implements Standing {}

    /** Its process is connected, and was found to make no progress. */
    record Stuck(String reason) implements Standing {}

    /** Its process is connected and does something else, or is in the open epoch. */
    record Busy() implements Standing {}

    /** It waits for the others. */
    record Ready() implements Standing {}
  }

  /** One rank; {@code incarnation} is 0 before its first process came. */
  private record Attendee(
      int rank, long incarnation, Standing standing, long since, Activity activity) {
    Attendee now(Standing other, long nanos) {
      return new Attendee(rank, incarnation, other, nanos, activity);
    }

    Attendee doing(Activity other) {
      return new Attendee(rank, incarnation, standing, since, other);
    }
  }

  /** What is told of a missing rank; for how long is for the answer to say. */
  private record Missing(
      int rank, long incarnation, AbsentRank.Cause cause, String reason, long since) {
    AbsentRank at(long nanos) {
      return new AbsentRank(rank, incarnation, cause, reason, (nanos - since) / 1e9);
    }
  }

  /** Nobody has come yet. */
  RollCall(int worldSize, StuckRule rule, Ticker ticker) {
    this.worldSize = worldSize;
    this.rule = rule;
    this.ticker = ticker;
    IntStream.range(0, worldSize).forEach(rank -> attendees.put(rank, neverJoined(rank)));
    publish();
  }

  private Attendee neverJoined(int rank) {
    Standing away = new Standing.Away(AbsentRank.Cause.NEVER_JOINED, "never joined");
    return new Attendee(rank, 0, away, ticker.nanos(), Activity.UNKNOWN);
  }

  /** A process has taken its rank's seat and is not free yet. */
  void joined(int rank, long incarnation) {
    attendees.put(
        rank,
        new Attendee(rank, incarnation, new Standing.Busy(), ticker.nanos(), Activity.UNKNOWN));
    publish();
  }

  /** A rank waits for the next epoch. */
  void ready(int rank) {
    stands(rank, new Standing.Ready());
  }

  /** A rank's process is gone. */
  void gone(int rank, Loss.Cause cause, String reason) {
    change(rank, attendee -> attendee.doing(Activity.UNKNOWN));
    stands(rank, new Standing.Away(absence(cause), reason));
  }

  /** All ranks are in an epoch from now on. */
  void opened() {
    open = true;
    // What was said before belongs to the epoch before.
    attendees.replaceAll((rank, attendee) -> attendee.doing(attendee.activity().timesOnly()));
    allBusy();
  }

  /** The epoch is over; all that are still here are waited for from now on. */
  void closed() {
    open = false;
    allBusy();
  }

  /** The epoch is over because of this rank. */
  void stuck(int rank, String reason) {
    stands(rank, new Standing.Stuck(reason));
  }

  /** A rank says what it does. */
  void heard(int rank, Activity activity) {
    change(rank, attendee -> attendee.doing(activity));
  }

  /** Looks at the clock; says what is wrong with the open epoch, if anything is. */
  Optional<StuckRule.Verdict> look() {
    publish();
    return open ? rule.judge(activities()) : Optional.empty();
  }

  /** Why a rank is not ready, for people. */
  String reason(int rank) {
    return switch (attendee(rank).standing()) {
      case Standing.Away(var cause, String reason) -> reason;
      case Standing.Stuck(String reason) -> "connected, still busy: " + reason;
      case Standing.Busy() -> "connected, still busy";
      case Standing.Ready() -> "ready";
    };
  }

  /** The ranks that others wait for now; any thread may ask. */
  List<AbsentRank> absent() {
    List<Missing> seen = missing;
    long now = ticker.nanos();
    return seen.stream().map(rank -> rank.at(now)).toList();
  }

  /** Where the time of steps goes, slowest rank first; any thread may ask. */
  List<RankTimes> times() {
    return times;
  }

  private SortedMap<Integer, Activity> activities() {
    return attendees.values().stream()
        .collect(
            Collectors.toMap(Attendee::rank, Attendee::activity, (one, two) -> one, TreeMap::new));
  }

  private void allBusy() {
    long now = ticker.nanos();
    attendees.replaceAll(
        (rank, attendee) ->
            attendee.standing() instanceof Standing.Away
                ? attendee
                : attendee.now(new Standing.Busy(), now));
    publish();
  }

  private void stands(int rank, Standing standing) {
    change(rank, attendee -> attendee.now(standing, ticker.nanos()));
    publish();
  }

  private void change(int rank, UnaryOperator<Attendee> change) {
    attendees.put(rank, change.apply(attendee(rank)));
  }

  private Attendee attendee(int rank) {
    return Optional.ofNullable(attendees.get(rank))
        .orElseThrow(
            () -> new IllegalArgumentException("no rank %d of %d".formatted(rank, worldSize)));
  }

  private void publish() {
    missing = open || nobodyWaits() ? List.of() : missingNow();
    times =
        attendees.values().stream()
            .map(attendee -> times(attendee.rank(), attendee.activity().times()))
            .flatMap(Optional::stream)
            .sorted(SLOWEST_FIRST)
            .limit(Progress.MOST_RANKS)
            .toList();
  }

  private boolean nobodyWaits() {
    return attendees.values().stream()
        .noneMatch(attendee -> attendee.standing() instanceof Standing.Ready);
  }

  private List<Missing> missingNow() {
    long now = ticker.nanos();
    Collection<Activity> activities = activities().values();
    long usual = StuckRule.usualNanos(activities);
    return attendees.values().stream()
        .map(attendee -> missing(attendee, usual, now))
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<Missing> missing(Attendee attendee, long usualNanos, long now) {
    return switch (attendee.standing()) {
      case Standing.Ready() -> Optional.empty();
      case Standing.Away(var cause, String reason) ->
          Optional.of(missing(attendee, cause, sentence(attendee, cause, reason)));
      case Standing.Stuck(String reason) ->
          Optional.of(missing(attendee, AbsentRank.Cause.STUCK, reason));
      case Standing.Busy() ->
          rule.overdue(attendee.activity(), usualNanos, now - attendee.since())
              ? Optional.of(missing(attendee, AbsentRank.Cause.STUCK, late(attendee)))
              : Optional.empty();
    };
  }

  private static String late(Attendee attendee) {
    return "rank %d is connected and does not come to the rendezvous: %s"
        .formatted(attendee.rank(), attendee.activity().sentence());
  }

  private String sentence(Attendee attendee, AbsentRank.Cause cause, String reason) {
    return cause == AbsentRank.Cause.NEVER_JOINED
        ? "rank %d of %d %s".formatted(attendee.rank(), worldSize, reason)
        : reason;
  }

  private static Missing missing(Attendee attendee, AbsentRank.Cause cause, String sentence) {
    return new Missing(attendee.rank(), attendee.incarnation(), cause, sentence, attendee.since());
  }

  /** A rank's times as the contract has them, once there are any. */
  static Optional<RankTimes> times(int rank, StepTimes times) {
    return times.known()
        ? Optional.of(new RankTimes(rank, times.computeSeconds(), times.waitSeconds()))
        : Optional.empty();
  }

  private static AbsentRank.Cause absence(Loss.Cause cause) {
    return switch (cause) {
      case SILENT -> AbsentRank.Cause.SILENT;
      case LEFT -> AbsentRank.Cause.LEFT;
      case STUCK -> AbsentRank.Cause.STUCK;
      case DIED, SUPERSEDED, EXCHANGE_BROKEN, COORDINATOR_LOST -> AbsentRank.Cause.ENDED;
    };
  }
}
