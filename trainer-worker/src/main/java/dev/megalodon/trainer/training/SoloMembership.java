package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.parallel.EpochLinks;
import dev.megalodon.trainer.parallel.SoloLinks;
import dev.megalodon.trainer.parallel.StepClock;
import dev.megalodon.trainer.parallel.StepTimes;
import dev.megalodon.trainer.parallel.Ticker;
import dev.megalodon.trainer.progress.Vitals;
import dev.megalodon.trainer.recovery.ResumePlanner;
import dev.megalodon.trainer.rendezvous.EpochId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The only rank there is: needs no network. */
public final class SoloMembership implements Membership {
  private final long incarnation;
  private final ResumePlanner planner;
  private final StepClock clock = new StepClock(Ticker.SYSTEM);
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
    EpochLinks alone = SoloLinks.open(sessions, clock);
    return new Session(
        incarnation,
        sessions,
        new EpochId(incarnation, sessions).packed(),
        planner.decide(1, Map.of()).encoded(),
        alone.collectives(),
        alone.chunkGroup(1),
        alone.neighbours(),
        alone::requireWhole,
        clock);
  }

  @Override
  public Vitals vitals() {
    return new SoloVitals(clock);
  }

  /** Nobody is waited for, and the only rank is the slowest. */
  private record SoloVitals(StepClock clock) implements Vitals {
    @Override
    public List<AbsentRank> absent() {
      return List.of();
    }

    @Override
    public List<RankTimes> ranks() {
      return own().stream().toList();
    }

    @Override
    public Optional<RankTimes> own() {
      StepTimes times = clock.activity().times();
      return times.known()
          ? Optional.of(new RankTimes(0, times.computeSeconds(), times.waitSeconds()))
          : Optional.empty();
    }
  }

  @Override
  public void finish() {}

  @Override
  public void leave(String reason) {}
}
