package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.RingCollectives;
import java.util.Optional;

/** The time in which one set of processes works together, as one of them sees it. */
public final class Epoch {
  private final EpochId id;
  private final Roster roster;
  private final String resume;
  private final RingCollectives collectives;
  private volatile Optional<Loss> lost = Optional.empty();

  Epoch(Message.Open open, RingCollectives collectives) {
    this.id = open.epoch();
    this.roster = open.roster();
    this.resume = open.resume();
    this.collectives = collectives;
  }

  /** The epoch's id, the same on every rank. */
  public EpochId id() {
    return id;
  }

  /** Who is in it. */
  public Roster roster() {
    return roster;
  }

  /** What rank 0 decided to go on from, the same on every rank. */
  public String resume() {
    return resume;
  }

  /** Collectives between its ranks; they throw as soon as the epoch is lost. */
  public Collectives collectives() {
    return collectives;
  }

  /** Why the epoch is over, if it is: go back to {@link Rendezvous#join}. */
  public Optional<Loss> lost() {
    return lost;
  }

  /** Ends the epoch for this process; only the first loss counts. Returns at once. */
  synchronized void lose(Loss loss) {
    if (lost.isEmpty()) {
      lost = Optional.of(loss);
      collectives.abort(loss.reason());
    }
  }

  /** What this process has to say about the end of the epoch. */
  String ending() {
    return lost.map(Loss::reason)
        .or(collectives::broken)
        .orElse("this rank went back to the rendezvous");
  }

  void close() {
    collectives.close();
  }
}
