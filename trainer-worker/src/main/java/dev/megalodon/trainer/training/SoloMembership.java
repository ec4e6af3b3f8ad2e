package dev.megalodon.trainer.training;

import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.SoloLinks;
import dev.megalodon.trainer.recovery.ResumePlanner;
import java.util.Map;

/** The only rank there is: needs no network. */
public final class SoloMembership implements Membership {
  private final long incarnation;
  private final ResumePlanner planner;
  private long sessions;

  /**
   * A member that decides by itself.
   *
   * @param incarnation greater than that of any checkpoint there is
   */
  public SoloMembership(long incarnation, ResumePlanner planner) {
    this.incarnation = incarnation;
    this.planner = planner;
  }

  @Override
  public Session join(String holding) {
    sessions++;
    EpochLinks alone = SoloLinks.open(sessions);
    return new Session(
        incarnation,
        sessions,
        sessions,
        planner.decide(1, Map.of()).encoded(),
        alone.collectives(),
        alone.chunkGroup(1),
        alone.neighbours(),
        alone::requireWhole);
  }

  @Override
  public void finish() {}

  @Override
  public void leave(String reason) {}
}
