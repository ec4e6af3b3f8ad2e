package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.RankTimes;
import java.util.List;
import java.util.Optional;

/** What changes with every second and is looked up when somebody asks; any thread may. */
public interface Vitals {
  /** Nothing is known yet. */
  Vitals UNKNOWN =
      new Vitals() {
        @Override
        public List<AbsentRank> absent() {
          return List.of();
        }

        @Override
        public List<RankTimes> ranks() {
          return List.of();
        }

        @Override
        public Optional<RankTimes> own() {
          return Optional.empty();
        }
      };

  /** The ranks that all others wait for, as this worker knows it. */
  List<AbsentRank> absent();

  /** How long ranks compute and wait, as this worker knows it; the slowest first. */
  List<RankTimes> ranks();

  /** How long this rank computes and waits; empty before the first steps. */
  Optional<RankTimes> own();
}
