package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Activity;
import dev.megalodon.trainer.parallel.Endpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is here, and what follows from it. Every rank has one seat, held by its highest incarnation.
 * When all seats are taken by members that are free, an epoch is proposed, decided elsewhere, and
 * opened; when a seat's holder goes, the epoch is aborted for everyone.
 *
 * <p>Knows no sockets, no clock and no threads: the coordinator's thread calls everything.
 */
final class Lobby {
  private static final Logger LOG = LoggerFactory.getLogger(Lobby.class);

  /**
   * An epoch that could begin now.
   *
   * @param holdings what each rank has to go on from, where it has anything
   */
  record Proposal(EpochId epoch, Roster roster, Map<Integer, String> holdings) {}

  private static final class Seat {
    final Guest guest;
    final long incarnation;
    final Endpoint endpoint;
    boolean ready;
    String holding = "";

    Seat(Guest guest, Message.Join join) {
      this.guest = guest;
      this.incarnation = join.incarnation();
      this.endpoint = join.endpoint();
    }
  }

  private final Identity own;
  private final RandomGenerator random;
  private final Consumer<Proposal> decisions;
  private final RollCall rollCall;
  private final Map<Integer, Seat> seats = new TreeMap<>();
  private final Map<Integer, Long> highestIncarnations = new TreeMap<>();
  private final Set<Integer> done = new HashSet<>();
  private EpochId lastEpoch = EpochId.NONE;
  private Optional<Proposal> proposed = Optional.empty();
  private Optional<EpochId> open = Optional.empty();

  /**
   * An empty lobby.
   *
   * @param own the coordinator, whose job and spec members must share
   * @param random draws session ids
   * @param decisions is asked to decide on a proposal and to call {@link #decided} later
   * @param rollCall is told who comes and goes
   */
  Lobby(Identity own, RandomGenerator random, Consumer<Proposal> decisions, RollCall rollCall) {
    this.own = own;
    this.random = random;
    this.decisions = decisions;
    this.rollCall = rollCall;
  }

  /** A process that proved to know the secret wants its rank's seat; says whether it gets it. */
  boolean join(Guest guest, Message.Join join) {
    Optional<Message.Refused> refusal = refusal(join);
    if (refusal.isPresent()) {
      LOG.warn("refused rank {}: {}", join.rank(), refusal.get().reason());
      guest.send(refusal.get());
      guest.dismiss();
      return false;
    }
    supersede(join);
    highestIncarnations.put(join.rank(), join.incarnation());
    seats.put(join.rank(), new Seat(guest, join));
    rollCall.joined(join.rank(), join.incarnation());
    guest.send(new Message.Accepted());
    return true;
  }

  /** A member is free for the next epoch. */
  void ready(int rank, Message.Ready ready) {
    Seat seat = seat(rank);
    if (open.filter(epoch -> ready.lastSeen().compareTo(epoch) < 0).isPresent()) {
      // Said before the member heard of the epoch that is open now.
      return;
    }
    if (open.isPresent()) {
      String reason = "rank %d cannot go on: %s".formatted(rank, ready.reason());
      abort(new Loss(Loss.Cause.EXCHANGE_BROKEN, reason));
    }
    seat.ready = true;
    seat.holding = ready.holding();
    rollCall.ready(rank);
    lastEpoch = ready.lastSeen().compareTo(lastEpoch) > 0 ? ready.lastSeen() : lastEpoch;
    proposeOrWait();
  }

  /** A member has finished its work. */
  void done(int rank, Message.Done message) {
    if (open.filter(message.epoch()::equals).isEmpty()) {
      return;
    }
    done.add(rank);
    if (done.size() == own.worldSize()) {
      seats.values().forEach(seat -> seat.guest.send(new Message.AllDone(message.epoch())));
    }
  }

  /** A member is gone, or has said that it goes. */
  void gone(int rank, Loss.Cause cause, String reason) {
    seats.remove(rank);
    rollCall.gone(rank, cause, reason);
    proposed = Optional.empty();
    if (done.contains(rank)) {
      // It has nothing left to do: no loss for the others.
      return;
    }
    abort(new Loss(cause, reason));
    proposeOrWait();
  }

  /** A proposal was decided; the epoch opens unless somebody went meanwhile. */
  void decided(Proposal proposal, String resume) {
    if (proposed.filter(proposal::equals).isEmpty()) {
      return;
    }
    proposed = Optional.empty();
    lastEpoch = proposal.epoch();
    open = Optional.of(proposal.epoch());
    done.clear();
    rollCall.opened();
    LOG.info("epoch {} opens with {} ranks", proposal.epoch(), seats.size());
    for (Seat seat : seats.values()) {
      seat.ready = false;
      seat.guest.send(new Message.Open(proposal.epoch(), proposal.roster(), resume));
    }
  }

  /** A member says what it does. */
  void heard(int rank, Activity activity) {
    rollCall.heard(rank, activity);
  }

  /** Time has passed: ends an epoch that will not go on by itself. */
  void look() {
    rollCall.look().ifPresent(this::end);
  }

  private void end(StuckRule.Verdict verdict) {
    switch (verdict) {
      case StuckRule.Verdict.Stuck stuck -> {
        abort(new Loss(Loss.Cause.STUCK, stuck.reason()));
        stuck.ranks().forEach(rank -> rollCall.stuck(rank, stuck.reason()));
      }
      case StuckRule.Verdict.ExchangeBroken broken ->
          abort(new Loss(Loss.Cause.EXCHANGE_BROKEN, broken.reason()));
    }
  }

  private Optional<Message.Refused> refusal(Message.Join join) {
    int rank = join.rank();
    if (!join.jobUid().equals(own.jobUid())) {
      return refuse(
          Message.Refusal.OTHER_JOB,
          "this is job %s, not %s".formatted(own.jobUid(), join.jobUid()));
    }
    if (rank < 0 || rank >= own.worldSize()) {
      return refuse(
          Message.Refusal.NO_SUCH_RANK,
          "there is no rank %d among %d".formatted(rank, own.worldSize()));
    }
    long highest = highestIncarnations.getOrDefault(rank, 0L);
    if (join.incarnation() < highest) {
      return refuse(Message.Refusal.SUPERSEDED, superseded(rank, join.incarnation(), highest));
    }
    if (!join.specDigest().equals(own.specDigest())) {
      return refuse(
          Message.Refusal.OTHER_SPEC,
          "the job spec of rank %d (incarnation %d) has digest %s, rank 0's (incarnation %d) has %s"
              .formatted(
                  rank,
                  join.incarnation(),
                  join.specDigest(),
                  own.incarnation(),
                  own.specDigest()));
    }
    return Optional.empty();
  }

  private static Optional<Message.Refused> refuse(Message.Refusal refusal, String reason) {
    return Optional.of(new Message.Refused(refusal, reason));
  }

  private void supersede(Message.Join join) {
    Seat seat = seats.get(join.rank());
    if (seat == null) {
      return;
    }
    if (seat.incarnation < join.incarnation()) {
      String reason = superseded(join.rank(), seat.incarnation, join.incarnation());
      seat.guest.send(new Message.Refused(Message.Refusal.SUPERSEDED, reason));
      seat.guest.dismiss();
      gone(join.rank(), Loss.Cause.SUPERSEDED, reason);
    } else {
      seat.guest.dismiss();
      String reason =
          "rank %d (incarnation %d) connected anew".formatted(join.rank(), seat.incarnation);
      gone(join.rank(), Loss.Cause.DIED, reason);
    }
  }

  private static String superseded(int rank, long old, long current) {
    return "incarnation %d of rank %d is superseded by incarnation %d"
        .formatted(old, rank, current);
  }

  private void abort(Loss loss) {
    open.ifPresent(
        epoch -> {
          LOG.warn("epoch {} is over: {}", epoch, loss.reason());
          seats.values().forEach(seat -> seat.guest.send(new Message.Abort(epoch, loss)));
          rollCall.closed();
        });
    open = Optional.empty();
    done.clear();
  }

  private void proposeOrWait() {
    if (open.isPresent() || proposed.isPresent()) {
      return;
    }
    List<Integer> missing =
        IntStream.range(0, own.worldSize()).filter(rank -> !isReady(rank)).boxed().toList();
    if (missing.isEmpty()) {
      Proposal proposal = proposal();
      proposed = Optional.of(proposal);
      decisions.accept(proposal);
    } else {
      Message.Waiting waiting = new Message.Waiting(describe(missing));
      seats.values().stream().filter(seat -> seat.ready).forEach(seat -> seat.guest.send(waiting));
    }
  }

  private boolean isReady(int rank) {
    Seat seat = seats.get(rank);
    return seat != null && seat.ready;
  }

  private Proposal proposal() {
    long highest = seats.values().stream().mapToLong(seat -> seat.incarnation).max().orElseThrow();
    List<Member> members = new ArrayList<>();
    Map<Integer, String> holdings = new TreeMap<>();
    seats.forEach(
        (rank, seat) -> {
          members.add(new Member(rank, seat.incarnation, seat.endpoint, random.nextInt()));
          if (!seat.holding.isEmpty()) {
            holdings.put(rank, seat.holding);
          }
        });
    return new Proposal(EpochId.after(lastEpoch, highest), new Roster(members), holdings);
  }

  private String describe(List<Integer> missing) {
    return missing.stream()
        .map(rank -> "rank %d of %d (%s)".formatted(rank, own.worldSize(), rollCall.reason(rank)))
        .collect(Collectors.joining(", "));
  }

  private Seat seat(int rank) {
    Seat seat = seats.get(rank);
    if (seat == null) {
      throw new IllegalStateException("rank " + rank + " has no seat");
    }
    return seat;
  }
}
