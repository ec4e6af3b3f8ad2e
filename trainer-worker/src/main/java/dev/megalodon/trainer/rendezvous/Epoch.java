package dev.megalodon.trainer.rendezvous;

import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.NeighbourExchange;
import dev.megalodon.trainer.parallel.PeerLostException;
import dev.megalodon.trainer.parallel.StepClock;
import java.util.Optional;

/** The time in which one set of processes works together, as one of them sees it. */
public final class Epoch {
  private final EpochId id;
  private final Roster roster;
  private final String resume;
  private final EpochLinks links;
  private volatile Optional<Loss> lost = Optional.empty();

  Epoch(Message.Open open, EpochLinks links) {
    this.id = open.epoch();
    this.roster = open.roster();
    this.resume = open.resume();
    this.links = links;
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
    return links.collectives();
  }

  /**
   * The ranks that share sequences with this one; its operations throw as soon as the epoch is
   * lost. The thread that calls collectives calls these too.
   *
   * @param chunkParallel ranks that share a sequence, the same on every rank and in every call
   */
  public ChunkGroup chunkGroup(int chunkParallel) {
    return links.chunkGroup(chunkParallel);
  }

  /** Where this rank says what it does, for its heartbeats; the thread that trains calls it. */
  public StepClock clock() {
    return links.clock();
  }

  /** Why the epoch is over, if it is: go back to {@link Rendezvous#join}. */
  public Optional<Loss> lost() {
    return lost;
  }

  /** Messages to and from the ranks beside this one. */
  public NeighbourExchange neighbours() {
    return links.neighbours();
  }

  /** Throws {@link PeerLostException} once the epoch is lost. */
  public void requireWhole() {
    links.requireWhole();
  }

  /** Ends the epoch for this process; only the first loss counts. Returns at once. */
  synchronized void lose(Loss loss) {
    if (lost.isEmpty()) {
      lost = Optional.of(loss);
      links.abort(loss.reason());
    }
  }

  /** What this process has to say about the end of the epoch. */
  String ending() {
    return lost.map(Loss::reason).or(links::broken).orElse("this rank went back to the rendezvous");
  }

  void close() {
    links.close();
  }
}
