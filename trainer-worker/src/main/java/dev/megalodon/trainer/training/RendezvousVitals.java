package dev.megalodon.trainer.training;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import dev.megalodon.trainer.progress.Vitals;
import dev.megalodon.trainer.rendezvous.Rendezvous;
import java.util.List;
import java.util.Optional;

/**
 * What a rendezvous knows of its ranks.
 *
 * @param rendezvous is asked
 */
record RendezvousVitals(Rendezvous rendezvous) implements Vitals {
  @Override
  public List<AbsentRank> absent() {
    return rendezvous.absent();
  }

  @Override
  public List<RankTimes> ranks() {
    return rendezvous.times();
  }

  @Override
  public Optional<RankTimes> own() {
    return rendezvous.ownTimes();
  }
}
