package dev.megalodon.trainer.training;

import dev.megalodon.trainer.progress.Vitals;
import dev.megalodon.trainer.rendezvous.Epoch;
import dev.megalodon.trainer.rendezvous.Rendezvous;

/** Membership by rendezvous at rank 0. */
public final class RendezvousMembership implements Membership {
  private final Rendezvous rendezvous;
  private final int chunkParallel;
  private final Vitals vitals;

  /**
   * Takes part in a rendezvous that has started.
   *
   * @param chunkParallel ranks that share a sequence
   */
  public RendezvousMembership(Rendezvous rendezvous, int chunkParallel) {
    this.rendezvous = rendezvous;
    this.chunkParallel = chunkParallel;
    this.vitals = new RendezvousVitals(rendezvous);
  }

  @Override
  public Session join(String holding) throws InterruptedException {
    Epoch epoch = rendezvous.join(holding);
    return new Session(
        epoch.id().incarnation(),
        epoch.id().counter(),
        epoch.id().packed(),
        epoch.resume(),
        epoch.collectives(),
        epoch.chunkGroup(chunkParallel),
        epoch.neighbours(),
        epoch::requireWhole,
        epoch.clock());
  }

  @Override
  public Vitals vitals() {
    return vitals;
  }

  @Override
  public void finish() throws InterruptedException {
    rendezvous.finish();
  }

  @Override
  public void leave(String reason) throws InterruptedException {
    rendezvous.leave(reason);
  }
}
