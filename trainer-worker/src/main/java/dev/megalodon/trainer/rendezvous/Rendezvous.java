package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.Group;
import dev.megalodon.trainer.parallel.Network;
import dev.megalodon.trainer.parallel.StepClock;
import dev.megalodon.trainer.parallel.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings the ranks of a job together, again and again:
 *
 * <pre>{@code
 * try (Rendezvous rendezvous = Rendezvous.start(identity, settings, network, decider)) {
 *   while (true) {
 *     Epoch epoch = rendezvous.join(holding);
 *     try {
 *       train(epoch.resume(), epoch.collectives());
 *       rendezvous.finish();
 *       return;
 *     } catch (PeerLostException e) {
 *       // Somebody is gone: meet again.
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Rank 0 coordinates. One thread calls {@link #join}, {@link #finish} and {@link #close}; {@link
 * #leave} and the questions may come from others.
 */
public final class Rendezvous implements AutoCloseable {
  private static final Duration LONGEST_LEAVE = Duration.ofSeconds(1);

  private final Identity own;
  private final RendezvousSettings settings;
  private final Network network;
  private final StepClock clock = new StepClock(Ticker.SYSTEM);
  private final Contact contact = new Contact(Ticker.SYSTEM);
  private final Attendance attendance;
  private final Attendant attendant;
  private final Optional<Coordinator> coordinator;
  private final BrokenExchanges broken = new BrokenExchanges();
  private Optional<Epoch> current = Optional.empty();

  private Rendezvous(
      Identity own, RendezvousSettings settings, Network network, ResumeDecider decider) {
    CoordinatorDialer.keepNamesFresh();
    this.own = own;
    this.settings = settings;
    this.network = network;
    this.attendance = new Attendance(settings, Ticker.SYSTEM);
    this.coordinator =
        own.rank() == 0
            ? Optional.of(
                Coordinator.start(own, settings, Ticker.SYSTEM, decider, attendance::fail))
            : Optional.empty();
    this.attendant = new Attendant(own, settings, network.endpoint(), attendance, contact, clock);
  }

  /**
   * Starts to take part; on rank 0 to coordinate as well.
   *
   * @param network carries the collectives; stays the caller's to close, after this
   * @param decider asked on rank 0 only
   */
  public static Rendezvous start(
      Identity own, RendezvousSettings settings, Network network, ResumeDecider decider) {
    Rendezvous rendezvous = new Rendezvous(own, settings, network, decider);
    rendezvous.attendant.start();
    return rendezvous;
  }

  /** {@link #join(String)} of a process that has no state to go on from. */
  public Epoch join() throws InterruptedException {
    return join("");
  }

  /**
   * Leaves the epoch this process is in, if any, and waits until all ranks are in a new one.
   *
   * @param holding what state this process has to go on from, told to rank 0's {@link
   *     ResumeDecider}; at most 32,000 characters, empty for none
   * @throws RendezvousException when there will be none: this process is superseded or refused, or
   *     not everyone came within {@link RendezvousSettings#rejoin}, or the same ranks met again and
   *     again and never finished a step
   */
  public Epoch join(String holding) throws InterruptedException {
    String ending = current.map(Epoch::ending).orElse("");
    current.ifPresent(epoch -> broken.ended(epoch, clock.activity().step()));
    broken.requireFew(ending);
    closeCurrent();
    clock.leave();
    Message.Open open = attendance.awaitEpoch(ending, holding);
    Group group = open.roster().group(open.epoch(), own.rank());
    Epoch epoch =
        new Epoch(open, new EpochLinks(network.open(group), group, settings.collectives(), clock));
    current = Optional.of(epoch);
    attendance.enter(epoch);
    return epoch;
  }

  /**
   * Says that this rank's work is done, and waits until every rank's is, at most {@link
   * RendezvousSettings#farewell}.
   *
   * @return whether every rank said so
   */
  public boolean finish() throws InterruptedException {
    contact.over();
    return attendance.awaitAllDone(
        current.orElseThrow(() -> new IllegalStateException("not in an epoch: join first")));
  }

  /**
   * Says that this process leaves on purpose, so that nobody takes it for a crash; the epoch ends
   * for everyone. Close and exit after it.
   */
  public void leave(String reason) throws InterruptedException {
    attendance.leave(reason, LONGEST_LEAVE);
  }

  /**
   * The ranks that others wait for at this moment: on rank 0 all of them; on another rank it is
   * rank 0, when that cannot be heard. Any thread may ask.
   */
  public List<AbsentRank> absent() {
    return coordinator.map(Coordinator::absent).orElseGet(contact::absent);
  }

  /** On rank 0 where the time of ranks goes, slowest first; any thread may ask. */
  public List<RankTimes> times() {
    return coordinator.map(Coordinator::times).orElse(List.of());
  }

  /** Where the time of this rank's steps goes, once it has made some; any thread may ask. */
  public Optional<RankTimes> ownTimes() {
    return RollCall.times(own.rank(), clock.activity().times());
  }

  /** Ends the epoch for this process and all connections. */
  @Override
  public void close() {
    coordinator.ifPresent(Coordinator::close);
    attendant.close();
    closeCurrent();
  }

  private void closeCurrent() {
    current.ifPresent(Epoch::close);
    current = Optional.empty();
  }
}
